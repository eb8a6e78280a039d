import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { complaintsOf, snapshotOf } from '../support/config.ts';

const sha256 = (key: string) => createHash('sha256').update(key);
const keyRow = (key: string, role: string): string =>
  `  - {id: ${key}, hash: "sha256:${sha256(key).digest('hex')}"${role}}\n`;
const PROVIDERS = 'providers:\n  - {name: one, dialect: openai-chat, base_url: "https://one.test/v1"}\nkeys:\n';

test('a key may call models and no more, unless its role says so', async () => {
  const rows = [keyRow('a', ''), keyRow('b', ', role: OPERATOR'), keyRow('c', ', role: ADMIN')];
  const { keys } = await snapshotOf(PROVIDERS + rows.join(''));
  const roles = ['a', 'b', 'c'].map((key) => keys.find(sha256(key).digest())?.role);
  expect(roles).toEqual(['INFERENCE', 'OPERATOR', 'ADMIN']);
});

test('a role that is none is refused', async () => {
  expect(await complaintsOf(PROVIDERS + keyRow('a', ', role: ROOT'))).toEqual([
    expect.stringContaining('must be one of INFERENCE, OPERATOR, ADMIN'),
  ]);
});
