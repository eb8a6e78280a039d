import type { JsonObject } from '../core/json.ts';

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'PT5M',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '0192f1c8-a2b7-4000-8000-000000000001',
  uri: 'https://example.com/simulated',
};

/** A string for a schema: of its format, or the property's own name said to be simulated, within its length. */
export function stringForSchema(schema: JsonObject, name: string): string {
  const format = schema.format;
  const known = typeof format === 'string' && Object.hasOwn(BY_FORMAT, format) ? BY_FORMAT[format] : undefined;
  const least = typeof schema.minLength === 'number' ? schema.minLength : 0;
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : Infinity;
  if (known !== undefined) return known;
  // JSON Schema counts characters as code points.
  const characters = Array.from(`simulated ${name}`.padEnd(least, '.')).slice(0, Math.max(least, Math.min(most, 1e6)));
  return characters.join('').padEnd(least, '.');
}
