import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { startGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

const ROUNDS = 1000;
const AT_ONCE = 20;

/** Opens a stream, reads until something has come (or not at all), and cuts the connection. */
function readAndVanish(gateway: TestGateway, when: 'before headers' | 'after content'): Promise<void> {
  const model =
    when === 'before headers'
      ? 'sim/simulated-chat?latency=60000'
      : 'sim/simulated-chat?output-tokens=5000&tokens-per-second=50';
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] });
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        port: gateway.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/v1/chat/completions',
        agent: false,
        headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      },
      (response) => {
        response.once('data', () => {
          request.destroy();
          resolve();
        });
        response.on('error', () => {});
      },
    );
    request.on('error', (error) => (request.destroyed ? resolve() : reject(error)));
    request.end(body, () => {
      if (when === 'before headers') {
        setTimeout(() => {
          request.destroy();
          resolve();
        }, 30);
      }
    });
  });
}

describe('a client that vanishes in the middle of a stream', () => {
  it(`leaves no call, no record and no connection to the provider, ${ROUNDS} times`, { timeout: 120_000 }, async () => {
    const gateway = await startGateway();
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const when = round % (AT_ONCE * 5) === 0 ? 'before headers' : 'after content';
      await Promise.all(Array.from({ length: AT_ONCE }, () => readAndVanish(gateway, when)));
    }
    await gateway.liveCalls.idle();
    await gateway.simulator.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
    expect(
      gateway.ledger.settled.every((call) => call.outcome.kind === 'failure' && call.outcome.reason === 'CANCELED'),
    ).toBe(true);
    expect(gateway.simulator.stats().openRequests).toBe(0);
    await expect.poll(() => gateway.app.port.connections).toBe(0);
  });

  it('closes the connection to the provider within 200 ms', async () => {
    const gateway = await startGateway();
    const lags: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      await readAndVanish(gateway, 'after content');
      const gone = performance.now();
      await gateway.simulator.idle();
      lags.push(performance.now() - gone);
    }
    // The median: a busy machine may keep any single round waiting.
    expect(lags.sort((left, right) => left - right)[10]).toBeLessThan(200);
  });
});
