import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../support/config.ts';

const text = readFileSync(path.join(import.meta.dirname, '../../docs/providers.md'), 'utf8');

/** Each YAML block, with the heading above it. */
const snippets = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = ''], at) => ({
  name: `${at + 1}: ${/preset: (\S+)|dialect: (\S+)/.exec(yaml)?.[0] ?? ''}`,
  yaml,
}));

const variables = [...text.matchAll(/env:([A-Z][A-Z0-9_]+)/g)].map(([, name = '']): [string, string] => [name, 'key']);
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const files = {
  '/run/secrets/models': 'key',
  '/run/secrets/vertex.json': JSON.stringify({ type: 'service_account', client_email: 'a@p', private_key: pem }),
};

describe('the examples of docs/providers.md', () => {
  test.each(snippets)('$name load as they stand', async ({ yaml }) => {
    const snapshot = await snapshotOf(yaml, { env: Object.fromEntries(variables), files });
    expect(snapshot.providers.size).toBeGreaterThan(0);
  });

  test('show every way of sending credentials that is more than a header, and every format', async () => {
    const all = await Promise.all(
      snippets.map(({ yaml }) => snapshotOf(yaml, { env: Object.fromEntries(variables), files })),
    );
    const providers = all.flatMap((snapshot) => [...snapshot.providers.values()]);
    const kinds = new Set(providers.map(({ auth }) => auth?.kind));
    expect(kinds).toEqual(new Set([undefined, 'aws-sigv4', 'google-service-account', 'entra']));
    expect(new Set(providers.map(({ dialect }) => dialect))).toEqual(
      new Set(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse', 'cohere']),
    );
  });
});
