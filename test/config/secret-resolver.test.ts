import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSecretResolver } from '../../server/config/secret-resolver.ts';

const files: Readonly<Record<string, string>> = {
  '/unix': 'value\n',
  '/windows': 'value\r\n',
  '/bare': 'value',
  '/two': 'value\n\n',
  '/newline': '\n',
};
const resolver = createSecretResolver({
  env: { KEY: 'value', EMPTY: '', SPACED: ' value ' },
  readFile: async (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('it said value'), { code: 'EACCES' });
    return text;
  },
});

async function reveal(reference: string): Promise<string> {
  const result = await resolver.resolve(reference);
  return result.kind === 'ok' ? result.secret.reveal() : `missing: ${result.message}`;
}

describe('a reference', () => {
  test.each([
    ['env:KEY', 'value'],
    ['env:SPACED', ' value '],
    ['file:/bare', 'value'],
    ['file:/unix', 'value'],
    ['file:/windows', 'value'],
    ['file:/two', 'value\n'],
    ['env:GONE', 'missing: the environment variable GONE is not set'],
    ['env:EMPTY', 'missing: the environment variable EMPTY is empty'],
    ['env:toString', 'missing: the environment variable toString is not set'],
    ['file:/gone', 'missing: the file /gone cannot be read (EACCES)'],
    ['file:/newline', 'missing: the file /newline is empty'],
    ['value', 'missing: is no reference: write env:NAME or file:path'],
  ])('%s means %j', async (reference, meant) => {
    expect(await reveal(reference)).toBe(meant);
  });

  test('gives a value that does not show', async () => {
    const result = await resolver.resolve('env:KEY');
    expect(inspect(result) + JSON.stringify(result)).not.toContain('value');
  });
});
