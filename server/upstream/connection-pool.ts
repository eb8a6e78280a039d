import { Client } from 'undici';
import { type Dial, type DialTarget, dial } from './dial.ts';
import type { Exchange, ExchangePlace } from './exchange.ts';

/** Below the idle limits that servers commonly have: where the server closes first, it may break a request just sent. */
const IDLE_MS = 10_000;
/** The same, for servers that say how long they wait. */
const IDLE_MAX_MS = 60_000;
/** Providers send dozens of headers about limits, cookies and policies. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * The connections to one origin. Each carries one request at a time and is used again, the latest first; when all are
 * busy and no more are allowed, exchanges wait in order.
 *
 * It stands on undici's Client, which is one connection, and not on its Pool, because a dial there belongs to nobody:
 * an abort or a timeout while connecting could not close the socket, and each given-up request would later break the
 * connection that it was waiting for.
 */
export class ConnectionPool implements ExchangePlace {
  readonly #target: DialTarget;
  readonly #limit: number;
  readonly #idle: Connection[] = [];
  readonly #busy = new Map<Exchange, Connection>();
  readonly #waiting = new Set<Exchange>();

  constructor(target: DialTarget, limit: number) {
    this.#target = target;
    this.#limit = limit;
  }

  /** Sends the exchange's request as soon as there is a connection. */
  run(exchange: Exchange): void {
    const connection = this.#idle.pop() ?? this.#create();
    if (connection === undefined) {
      this.#waiting.add(exchange);
      return;
    }
    this.#busy.set(exchange, connection);
    connection.run(exchange);
  }

  complete(exchange: Exchange): void {
    const connection = this.#release(exchange);
    if (connection !== undefined) this.#idle.push(connection);
    this.#runNext();
  }

  abandon(exchange: Exchange): void {
    this.#waiting.delete(exchange);
    void this.#release(exchange)?.destroy();
    this.#runNext();
  }

  /** Cuts all exchanges and closes all connections. */
  async close(): Promise<void> {
    const closed = new Error('The upstream is closed.');
    // Those that wait go first: else each one that is cut would let one of them start.
    for (const exchange of [...this.#waiting, ...this.#busy.keys()]) exchange.onResponseError(null, closed);
    await Promise.all(this.#idle.splice(0).map((connection) => connection.destroy()));
  }

  #create(): Connection | undefined {
    if (this.#busy.size + this.#idle.length >= this.#limit) return undefined;
    const connection = new Connection(this.#target, () => {
      const place = this.#idle.indexOf(connection);
      if (place < 0) return; // busy: the exchange hears of it, or the client connects anew before it sends
      this.#idle.splice(place, 1);
      void connection.destroy();
    });
    return connection;
  }

  #release(exchange: Exchange): Connection | undefined {
    const connection = this.#busy.get(exchange);
    this.#busy.delete(exchange);
    return connection;
  }

  #runNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.run(next);
  }
}

/** An HTTP/1.1 connection that is made with its first request, and anew where an idle one turns out to be closed. */
class Connection {
  readonly #client: Client;
  #dial: Dial | undefined;

  constructor(target: DialTarget, onClosed: () => void) {
    this.#client = new Client(target.url.origin, {
      connect: (_options, done) => {
        this.#dial = dial(target, done);
      },
      allowH2: false,
      pipelining: 1,
      // The attempt engine has the timers.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MAX_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    this.#client.on('disconnect', onClosed);
  }

  run(exchange: Exchange): void {
    this.#client.dispatch(exchange.request, exchange);
  }

  async destroy(): Promise<void> {
    this.#dial?.cancel();
    await this.#client.destroy();
  }
}
