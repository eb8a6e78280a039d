import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

// Google's REST examples write the key into the address: ?key=… It must work there, nowhere else, and be seen nowhere.

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(() => gateway.close());

const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] });
const post = (path: string, text = body) =>
  fetch(`${gateway.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
const generate = (model: string, key: string) =>
  post(`/v1beta/models/${encodeURIComponent(model)}:generateContent?key=${key}`);

describe('a key in the address', () => {
  test("lets a caller of Google's API in", async () => {
    expect((await generate('sim/simulated-chat', TEST_KEY)).status).toBe(200);
    expect((await generate('sim/simulated-chat', 'sk-sluice-wrong')).status).toBe(401);
  });

  test('is no key of other APIs', async () => {
    const chat = JSON.stringify({ model: 'sim/simulated-chat', messages: [{ role: 'user', content: 'Hello' }] });
    expect((await post(`/v1/chat/completions?key=${TEST_KEY}`, chat)).status).toBe(401);
  });

  test('is in no log line and in no answer, whether the call goes well or fails', async () => {
    const answers = [
      await generate('sim/simulated-chat', TEST_KEY),
      await generate('sim/simulated-chat?fault=status&code=500', TEST_KEY),
      await generate('dead/model', TEST_KEY),
      await generate('nobody/knows', TEST_KEY),
      await post(`/v1beta/models/sim%2Fsimulated-chat:noSuchMethod?key=${TEST_KEY}`),
      await post(`/v1beta/models/sim%2Fsimulated-chat:generateContent?key=${TEST_KEY}`, '{"contents":7}'),
    ];
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    const headers = answers.flatMap((answer) => [...answer.headers.values()]);
    expect(answers.map(({ status }) => status >= 400).filter(Boolean)).toHaveLength(5);
    expect([...texts, ...headers, ...gateway.log].filter((text) => text.includes(TEST_KEY))).toEqual([]);
  });
});
