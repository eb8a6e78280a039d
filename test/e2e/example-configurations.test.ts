import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../server/simulator/simulator.ts';
import { startProcess } from '../support/process.ts';

// Each configuration of examples/, started as it is but for the addresses, which become the simulator's.

const FOLDER = resolve(import.meta.dirname, '../../examples');
const KEY = 'sk-sluice-example';
const DEAD = 'http://127.0.0.1:1';

/** The catalogue's prices hold at the providers' own addresses alone. */
const PRICES = `models:
  - {provider: openai, model: gpt-4o-mini, prices: [{input: "0.15", output: "0.6"}]}
  - {provider: openai, model: gpt-4o, prices: [{input: "2.5", output: "10"}]}
  - {provider: groq, model: llama-3.3-70b-versatile, prices: [{input: "0.59", output: "0.79"}]}
`;

/** A gateway with the example; providers named in `dead` are where nobody listens. */
async function start(file: string, { dead = [], more = '' }: { dead?: readonly string[]; more?: string } = {}) {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const config = text.replace(
    /(name: ([\w-]+)(?:, |\n {4})preset: [\w-]+)/g,
    (row: string, _: string, name: string) => {
      const base = dead.includes(name) ? DEAD : simulator.url;
      const path = '/v1';
      const separator = row.includes('\n') ? '\n    ' : ', ';
      return `${row}${separator}base_url: "${base}${path}"${separator}allow_private_address: true`;
    },
  );
  const names = [...text.matchAll(/\b[A-Z]+(?:_[A-Z]+)*_KEY\b/g)].map(([name]) => [name, 'sk-provider']);
  const sluice = await startProcess({
    config: `${config}${more}`,
    env: { ...Object.fromEntries(names), SLUICE_KEY: KEY },
  });
  return async (metadata: object = {}) => {
    const response = await fetch(`${sluice.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        'x-sluice-metadata': JSON.stringify(metadata),
      },
      body: JSON.stringify({
        model: /name: (chat|cheap)/.exec(text)?.[1],
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    });
    await response.arrayBuffer();
    return [response.status, response.headers.get('x-sluice-provider'), response.headers.get('x-sluice-model')];
  };
}

test('every example is among those that are called here', () => {
  const names = ['canary', 'cheapest-first', 'eu-only', 'fallback-chain', 'local-with-cloud-fallback'];
  expect(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))).toEqual(names.map((name) => `${name}.yaml`));
});

describe('the example', { timeout: 60_000 }, () => {
  test('fallback-chain goes on to the next provider', async () => {
    expect(await (await start('fallback-chain.yaml'))()).toMatchObject([200, 'openai', expect.any(String)]);
    expect(await (await start('fallback-chain.yaml', { dead: ['openai'] }))()).toMatchObject([
      200,
      'anthropic',
      expect.any(String),
    ]);
  });

  test('cheapest-first takes the cheapest', async () => {
    const [status, , model] = await (await start('cheapest-first.yaml', { more: PRICES }))();
    expect([status, model]).toEqual([200, 'gpt-4o-mini']);
  });

  test('eu-only stays there, and fails where nothing there answers', async () => {
    expect(await (await start('eu-only.yaml'))()).toMatchObject([200, 'mistral', expect.any(String)]);
    const [status] = await (await start('eu-only.yaml', { dead: ['mistral'] }))();
    expect(status).toBe(502);
  });

  test('canary keeps a session with its model', async () => {
    const ask = await start('canary.yaml');
    const first = await ask({ session: 'a' });
    expect(first[0]).toBe(200);
    expect(await ask({ session: 'a' })).toEqual(first);
  });

  test('local-with-cloud-fallback leaves the machine for all but one team', async () => {
    const ask = await start('local-with-cloud-fallback.yaml', { dead: ['local'] });
    expect(await ask()).toMatchObject([200, 'openai', expect.any(String)]);
    expect((await ask({ team: 'legal' }))[0]).toBe(502);
  });
});
