import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema, readComments } from '../../scripts/config-schema.ts';

const schema = configJsonSchema(readComments());
const accepts = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

const EXAMPLE = `
providers:
  - name: replay
    dialect: openai-chat
    base_url: http://127.0.0.1:9000/v1
    credential: env:UPSTREAM_KEY
    allow_private_address: true
    auth_scheme: X_API_KEY
    headers: {x-team: blue}
routes:
  - name: fast
    targets: [{provider: replay, model: some-model}]
    retry: {max_attempts_per_target: 2, backoff: {base: 250ms, max: 8s, jitter: FULL}, honor_retry_after: true}
    timeouts: {total: 10m, ttft: 1.5s}
keys:
  - {id: app, secret: env:APP_KEY, metadata: {team: blue, labels: {a: b}}}
cors: {allowed_origins: ["*"]}
`;

describe('the JSON Schema of sluice.yaml', () => {
  test('accepts a configuration that is right', () => {
    expect(accepts(parse(EXAMPLE)), JSON.stringify(accepts.errors)).toBe(true);
  });

  test.each([
    ['an unknown field', (text: string) => text.replace('base_url', 'baseUrl')],
    ['an unknown field at the top', (text: string) => `${text}\nnonsense: 1`],
    ['an unknown enum value', (text: string) => text.replace('FULL', 'HALF')],
    ['an unknown dialect', (text: string) => text.replace('openai-chat', 'openai')],
    ['a duration without a unit', (text: string) => text.replace('1.5s', '"90"')],
    ['too many attempts', (text: string) => text.replace('target: 2', 'target: 12')],
    ['a key in the open', (text: string) => text.replace('env:APP_KEY', 'sk-live')],
    ['a route without targets', (text: string) => text.replace('[{provider: replay, model: some-model}]', '[]')],
    ['a target without a model', (text: string) => text.replace(', model: some-model', '')],
    ['a header that is no name', (text: string) => text.replace('x-team', 'x team')],
    ['a number for a name', (text: string) => text.replace('name: fast', 'name: 5')],
  ])('refuses %s', (_, change) => {
    expect(change(EXAMPLE)).not.toBe(EXAMPLE);
    expect(accepts(parse(change(EXAMPLE)))).toBe(false);
  });

  test('explains each field in the words of the contract', () => {
    const text = JSON.stringify(schema);
    expect(text).toContain('A reference to its key: env:NAME or file:path.');
    expect(text).toContain('Attempts at one target, the first included.');
  });

  test('is the one in the repository', () => {
    const written = readFileSync(join(import.meta.dirname, '../../sluice.schema.json'), 'utf8');
    expect(JSON.parse(written)).toEqual(schema);
  });
});
