import { create } from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';
import { ProviderSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { type App, createApp } from '../../server/app.ts';
import { systemClock } from '../../server/core/clock.ts';
import { systemRandom } from '../../server/core/random.ts';
import type { TlsFiles } from '../../server/listener/one-port.ts';
import { createLiveCalls, type LiveCalls } from '../../server/pipeline/live-call.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../server/simulator/simulator.ts';
import { createMemoryLedger, type MemoryLedger } from '../../server/stores/memory/memory-ledger.ts';
import { createUndiciUpstream } from '../../server/upstream/undici-upstream.ts';
import { keeperOf } from './config.ts';

export const TEST_KEY = 'sk-sluice-test-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';

/** A whole gateway on a free port, with the simulator behind it. */
export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly app: App;
  readonly simulator: Simulator;
  readonly ledger: MemoryLedger;
  readonly liveCalls: LiveCalls;
  /** What the gateway logged, one JSON text a line. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  /** The address of one more provider, named replay. */
  readonly replayUrl?: string;
  /** Rows of more providers, given the simulator's address. */
  readonly providers?: (simulatorUrl: string) => string;
  /** More YAML: routes, cors and so on. Providers: sim, and dead, where nobody listens. */
  readonly yaml?: string;
  readonly simulator?: SimulatorOptions;
  readonly tls?: TlsFiles;
}

/** Starts a gateway; it must be closed. */
export async function openGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const simulator = await startSimulator(options.simulator);
  const more = { nowMs: Date.now(), builtInProvider: async () => create(ProviderSchema) };
  const keeper = await keeperOf(configText(simulator.url, options), { env: { TEST_KEY }, more });
  const ledger = createMemoryLedger({ kept: 1000 });
  const liveCalls = createLiveCalls(systemClock);
  const upstream = createUndiciUpstream();
  const log: string[] = [];
  const write = (event: string, fields?: object): void => {
    log.push(JSON.stringify({ event, ...fields }));
  };
  const app = await createApp({
    config: keeper.holder,
    keeper,
    ledger,
    clock: systemClock,
    random: systemRandom,
    upstream,
    liveCalls,
    logger: { info: write, warn: write, error: write },
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  });
  const { port } = await app.port.listen('127.0.0.1', 0);
  app.readiness.ready = true;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    app,
    simulator,
    ledger,
    liveCalls,
    log,
    async close() {
      const closed = app.port.drain();
      app.port.destroy();
      await closed;
      await upstream.close();
      await simulator.close();
    },
  };
}

/** Starts a gateway for the length of a test. */
export async function startGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await openGateway(options);
  onTestFinished(() => gateway.close());
  return gateway;
}

function configText(simulatorUrl: string, { replayUrl, providers, yaml = '' }: TestGatewayOptions): string {
  const replay =
    replayUrl === undefined
      ? ''
      : `  - {name: replay, dialect: openai-chat, base_url: "${replayUrl}", allow_private_address: true}\n`;
  return `
providers:
  - {name: sim, dialect: openai-chat, base_url: "${simulatorUrl}/v1", allow_private_address: true, models: [simulated-chat]}
  - {name: dead, dialect: openai-chat, base_url: "http://127.0.0.1:1/v1", allow_private_address: true}
${replay}${providers?.(simulatorUrl) ?? ''}keys:
  - {id: test, secret: "env:TEST_KEY"}
${yaml}`;
}
