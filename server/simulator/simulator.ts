import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { BehaviourSettings } from './behaviour.ts';
import { createFaultDice } from './fault-dice.ts';
import type { SimulatedRequest } from './generate.ts';
import { type BillingPolicy, createInvoice, DEFAULT_PRICES, type Invoice, type SimulatedPrices } from './invoice.ts';
import { createRequestHandler } from './request-handler.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createStats, type StatsSnapshot } from './stats.ts';

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Milliseconds until the first token. Default 0. */
  readonly latencyMs?: number;
  /** Default 0: as fast as it goes. */
  readonly tokensPerSecond?: number;
  /** Other seeds give other words. Default 1. */
  readonly seed?: number;
  readonly clock?: Clock;
  /** Decides whether faults strike that have a rate. Default: from the seed. */
  readonly random?: Random;
  /** Has the last word on how a request is answered. */
  readonly behaviour?: (request: SimulatedRequest) => BehaviourSettings;
  /** What a client that leaves early pays for. Default: what was generated. */
  readonly billing?: BillingPolicy;
  readonly prices?: (model: string) => SimulatedPrices;
}

/** A provider that needs no key. */
export interface Simulator {
  /** Its base without a path, as in http://127.0.0.1:40123. OpenAI's clients want this with /v1. */
  readonly url: string;
  readonly invoice: Invoice;
  stats(): StatsSnapshot;
  /** Resolves when no request is open and all that ended are on the invoice. */
  idle(): Promise<void>;
  /** Cuts all connections and stops. */
  close(): Promise<void>;
}

const MAX_INVOICE_ENTRIES = 100_000;

/**
 * Starts a provider that makes its answers up: real HTTP/1.1, and the same bytes for the same request apart from ids and
 * times. POST /v1/chat/completions, POST /v1/embeddings, GET /v1/models; GET and DELETE /invoice, GET /stats.
 * Where clouds give credentials: token-servers.ts; requests that AWS's keys sign are checked: aws-signature.ts.
 * How a request is answered, and how it fails: behaviour.ts and faults/table.ts. Rejects where it cannot listen.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  const seed = options.seed ?? 1;
  const stats = createStats(clock);
  const invoice = createInvoice({
    billing: options.billing ?? 'generated',
    prices: options.prices ?? (() => DEFAULT_PRICES),
    maxEntries: MAX_INVOICE_ENTRIES,
  });
  const handle = createRequestHandler({
    clock,
    stats,
    invoice,
    seed,
    defaults: { latencyMs: options.latencyMs ?? 0, tokensPerSecond: options.tokensPerSecond ?? 0 },
    behaviour: options.behaviour ?? (() => ({})),
    dice: createFaultDice(options.random ?? createSeededRandom(seed)),
  });
  const server = createSimulatorServer(handle);
  server.on('connection', (socket: Socket) => {
    stats.socketOpened();
    socket.once('close', () => stats.socketClosed());
  });
  const url = await listen(server, { host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  return {
    url,
    invoice,
    stats: () => stats.snapshot(),
    idle: () => stats.idle(),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await stats.idle();
    },
  };
}

type HttpServer = ReturnType<typeof createServer>;

function createSimulatorServer(handle: (request: IncomingMessage, response: ServerResponse) => void): HttpServer {
  // Connections are kept as long as clients like: that they close is a fault to ask for, not one to meet by chance.
  return createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, handle);
}

function listen(server: HttpServer, address: { readonly host: string; readonly port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.removeListener('error', reject);
      const { port, family } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address.host}]` : address.host}:${port}`);
    });
  });
}
