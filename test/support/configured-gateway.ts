import { onTestFinished } from 'vitest';
import { createApp } from '../../server/app.ts';
import { systemClock } from '../../server/core/clock.ts';
import { systemRandom } from '../../server/core/random.ts';
import { createLiveCalls } from '../../server/pipeline/live-call.ts';
import { createMemoryLedger } from '../../server/stores/memory/memory-ledger.ts';
import { withAuthorization } from '../../server/upstream/auth/authorize.ts';
import { createUndiciUpstream } from '../../server/upstream/undici-upstream.ts';
import { keeperOf } from './config.ts';
import { TEST_KEY } from './gateway.ts';

export interface ConfiguredGatewayInit {
  /** The items of `providers`, as YAML with two spaces before each "-". */
  readonly providers: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

export interface ConfiguredGateway {
  readonly url: string;
  /** Why credentials could not be had. */
  readonly reports: readonly string[];
  /** Calls the REST API with the gateway's key. */
  post(path: string, body: unknown): Promise<Response>;
}

/** A whole gateway with providers of the test's own, and credentials made as in production; it ends with the test. */
export async function startConfiguredGateway(init: ConfiguredGatewayInit): Promise<ConfiguredGateway> {
  const { providers, env = {}, files = {} } = init;
  const text = `providers:\n${providers}\nkeys:\n  - {id: test, secret: "env:TEST_KEY"}\n`;
  const keeper = await keeperOf(text, { env: { ...env, TEST_KEY }, files });
  const readFile = async (path: string): Promise<string> => files[path] ?? Promise.reject(new Error('no such file'));
  const reports: string[] = [];
  const upstream = withAuthorization(createUndiciUpstream(), {
    clock: systemClock,
    random: systemRandom,
    env,
    readFile,
    homeFolder: '/nowhere',
    report: ({ message }) => reports.push(message),
  });
  const app = await createApp({
    config: keeper.holder,
    keeper,
    ledger: createMemoryLedger({ kept: 1000 }),
    clock: systemClock,
    random: systemRandom,
    upstream,
    liveCalls: createLiveCalls(systemClock),
    logger: { info() {}, warn() {}, error() {} },
  });
  const { port } = await app.port.listen('127.0.0.1', 0);
  app.readiness.ready = true;
  onTestFinished(async () => {
    const closed = app.port.drain();
    app.port.destroy();
    await closed;
    await upstream.close();
  });
  const url = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' };
  return {
    url,
    reports,
    post: (path, body) => fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  };
}

/** A chat in OpenAI's words. */
export function chatBody(model: string, more: object = {}): object {
  return { model, messages: [{ role: 'user', content: 'Hello' }], ...more };
}
