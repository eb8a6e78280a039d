import http from 'node:http';
import { KEY } from './gateway.ts';
import { percentile, sleep } from './time.ts';

/** What decent callers saw. */
export interface Weather {
  readonly p99Ms: number;
  readonly errors: number;
  readonly requests: number;
}

/** Decent callers of a model: four of them, each with a whole answer every 20 ms, until stopped. */
export function startGoodTraffic(port: number, model: string): { stop(): Promise<Weather> } {
  const latencies: number[] = [];
  const agent = new http.Agent({ keepAlive: true });
  let errors = 0;
  let going = true;
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const caller = async (): Promise<void> => {
    while (going) {
      const begun = performance.now();
      if ((await post({ port, agent, body })) !== 200) errors += 1;
      latencies.push(performance.now() - begun);
      await sleep(20);
    }
  };
  const callers = Promise.all([caller(), caller(), caller(), caller()]);
  return {
    async stop() {
      going = false;
      await callers;
      agent.destroy();
      return { p99Ms: percentile(latencies, 0.99), errors, requests: latencies.length };
    },
  };
}

/** The same for a while and nothing beside it. */
export async function calmWeather(port: number, model: string, milliseconds: number): Promise<Weather> {
  const warmUp = startGoodTraffic(port, model);
  await sleep(milliseconds / 2);
  await warmUp.stop();
  const traffic = startGoodTraffic(port, model);
  await sleep(milliseconds);
  return traffic.stop();
}

interface Posting {
  readonly port: number;
  readonly agent: http.Agent | false;
  readonly body: string;
}

/** Resolves with the status once the answer is read, 0 where there is none. */
function post({ port, agent, body }: Posting): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port, method: 'POST', path: '/v1/chat/completions', agent, headers };
    http
      .request(options, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', () => resolve(0));
      })
      .once('error', () => resolve(0))
      .end(body);
  });
}
