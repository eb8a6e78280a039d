import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULTS } from '../../../server/simulator/faults/table.ts';
import { fetchRaw } from '../raw-client.ts';
import { chat, simulate } from '../requests.ts';

test('every fault is struck by a test of this folder', () => {
  const folder = new URL('./', import.meta.url);
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'table.test.ts');
  const texts = tests.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('');
  expect(FAULTS.map(({ name }) => name).filter((name) => !new RegExp(`['\`,]${name}[=;'\`,]`).test(texts))).toEqual([]);
});

test('faults strike vectors too', async () => {
  const { url } = await simulate();
  const ask = (fault: string) =>
    fetchRaw(url, { path: '/v1/embeddings', body: { model: `e?fault=${fault}`, input: 'Hi' } });
  expect((await ask('status=503')).status).toBe(503);
  expect(await ask('cut;how=fin')).toMatchObject({ status: 200, complete: false });
  expect((await ask('reset')).end).toBe('reset');
});

test('the function in the options has the last word, with the number of the request', async () => {
  const { url } = await simulate({
    behaviour: ({ requestNumber }) => (requestNumber === 1 ? { fault: 'status=500' } : {}),
  });
  const statuses = [];
  for (let i = 0; i < 2; i++) statuses.push((await fetchRaw(url, { body: chat() })).status);
  expect(statuses).toEqual([500, 200]);
});
