import type { Dispatcher } from 'undici';
import { type Clock, systemClock } from '../core/clock.ts';
import { AttemptError } from '../errors/attempt-error.ts';
import { ConnectionPool } from './connection-pool.ts';
import { checkUrl, type Resolve, systemResolve } from './egress-guard.ts';
import { Exchange } from './exchange.ts';
import type { Upstream, UpstreamRequest, UpstreamResponse, UpstreamSendOptions } from './upstream.ts';

export interface UndiciUpstreamOptions {
  /** How many connections one origin may have; more requests than that wait. Default 512. */
  readonly connectionsPerOrigin?: number;
  /** Certificate authorities in PEM, instead of the system's. */
  readonly ca?: string;
  /** Looks host names up. Default: the system. */
  readonly resolve?: Resolve;
  readonly clock?: Clock;
}

const DEFAULT_CONNECTIONS_PER_ORIGIN = 512;

/**
 * Headers that HTTP itself needs right. Host above all: a proxy in front of a provider may route by it, and the
 * credential would go elsewhere. undici refuses the other names of a connection's own.
 */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'accept-encoding',
]);

/** The way out over HTTP/1.1, on undici: no redirects, no proxies, nothing sent twice. */
export function createUndiciUpstream(options: UndiciUpstreamOptions = {}): Upstream {
  const clock = options.clock ?? systemClock;
  const limit = options.connectionsPerOrigin ?? DEFAULT_CONNECTIONS_PER_ORIGIN;
  // Origins come from the configuration, so there are few; a pool without connections is next to nothing.
  const pools = new Map<string, ConnectionPool>();
  let closed = false;

  const poolOf = ({ url, allowPrivateAddress, allowMetadataAddress = false }: UpstreamRequest): ConnectionPool => {
    const key = `${url.origin} ${allowPrivateAddress} ${allowMetadataAddress}`;
    let pool = pools.get(key);
    if (pool === undefined) {
      const resolve = options.resolve ?? systemResolve;
      const destination = { url, allowPrivateAddress, allowMetadataAddress };
      pool = new ConnectionPool({ ...destination, resolve, ca: options.ca, session: undefined }, limit);
      pools.set(key, pool);
    }
    return pool;
  };

  return {
    async send(request: UpstreamRequest, { signal, connectTimeoutMs }: UpstreamSendOptions): Promise<UpstreamResponse> {
      signal.throwIfAborted();
      checkUrl(request);
      if (closed) throw new AttemptError('CONNECTION', 'The upstream is closed.');
      const place = poolOf(request);
      const dispatch = dispatchOptionsOf(request);
      const host = request.url.host;
      const exchange = new Exchange({ request: dispatch, host, place, clock, signal, connectTimeoutMs });
      place.run(exchange);
      return exchange.answer;
    },
    async close() {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function dispatchOptionsOf(request: UpstreamRequest): Dispatcher.DispatchOptions {
  for (const name of Object.keys(request.headers)) {
    if (RESERVED_HEADERS.has(name.toLowerCase())) {
      throw new AttemptError('EGRESS_DENIED', `The header ${name} cannot be set on requests to ${request.url.host}.`);
    }
  }
  return {
    path: `${request.url.pathname}${request.url.search}`,
    method: request.method,
    // Not compressed: answers are small or come as streams, where a compressor would hold events back, and
    // decompressing costs this process more than the bytes cost the network.
    headers: { ...request.headers, 'accept-encoding': 'identity' },
    body: request.body ?? null,
  };
}
