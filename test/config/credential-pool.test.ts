import { describe, expect, test } from 'vitest';
import { complaintsOf, snapshotOf } from '../support/config.ts';

const provider = (lines: string): string =>
  `providers:\n  - name: a\n    dialect: openai-chat\n    base_url: https://a.example\n    ${lines}\n`;
const env = { A: 'key-a', B: 'key-b' };

describe('several credentials of a provider', () => {
  test('each bear a header of their own, with a name and a weight', async () => {
    const lines =
      'headers: {x-team: red}\n    credentials: [{credential: "env:A", weight: 3}, {name: spare, credential: "env:B"}]';
    const { pool, headers } = (await snapshotOf(provider(lines), { env })).providers.get('a') ?? {};
    expect(pool?.map(({ name, weight }) => [name, weight])).toEqual([
      ['credentials[0]', 3],
      ['spare', 1],
    ]);
    expect(pool?.map((each) => each.headers.get('authorization')?.reveal())).toEqual(['Bearer key-a', 'Bearer key-b']);
    expect(pool?.every((each) => each.headers.get('x-team')?.reveal() === 'red')).toBe(true);
    expect(headers?.get('authorization')?.reveal()).toBe('Bearer key-a');
  });

  test('a list of one is as good as a credential', async () => {
    const snapshot = await snapshotOf(provider('credentials: [{credential: "env:A"}]'), { env });
    expect(snapshot.providers.get('a')?.headers.get('authorization')?.reveal()).toBe('Bearer key-a');
    expect(snapshot.providers.get('a')).not.toHaveProperty('pool');
  });

  test.each([
    ['credential: "env:A"\n    credentials: [{credential: "env:B"}]', 'credentials: stands beside credential'],
    ['credentials: [{credential: "env:NONE"}]', 'credentials[0].credential: '],
    [
      'credentials: [{name: x, credential: "env:A"}, {name: x, credential: "env:B"}]',
      'credentials[1].name: "x" is taken by credentials[0]',
    ],
    ['credentials: [{credential: "sk-plain"}]', 'credentials[0].credential'],
    ['auth_scheme: NONE\n    credentials: [{credential: "env:A"}]', 'auth_scheme: NONE sends no key'],
  ])('%s', async (lines, told) => {
    expect((await complaintsOf(provider(lines), { env })).join('\n')).toContain(told);
  });
});
