import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { HeaderList } from './step.ts';

const NOTHING = Buffer.alloc(0);

/** After so many writes the rest of the process gets its turn: a fast answer must not hide that its client has gone. */
const WRITES_PER_TURN = 256;

export interface OutletDeps {
  readonly clock: Clock;
  /** Counts answers that wait for a slow client: +1 and -1. */
  readonly countPaused: (change: 1 | -1) => void;
}

/** The client's end of an answer. All waits end when the client goes. */
export class Outlet {
  readonly #response: ServerResponse;
  readonly #deps: OutletDeps;
  #gone = false;
  /** Ends the wait that is on. */
  #wake = (): void => {};
  /** When the last wait was to end, by the monotonic clock: waits do not add up their delays. */
  #due: number;
  /** Headers are written and not yet on their way: they go out with the next bytes, or when something waits. */
  #headWaits = false;
  #writes = 0;

  constructor(response: ServerResponse, deps: OutletDeps) {
    this.#response = response;
    this.#deps = deps;
    this.#due = deps.clock.monotonic();
    response.once('close', () => {
      this.#gone = !response.writableFinished;
      this.#wake();
    });
    // A connection that breaks while something is written says so here too; close follows.
    response.on('error', () => {});
  }

  /** The client has gone before the answer was whole. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Lets so many milliseconds pass, counted from the end of the last wait. The share of them that did, 1 for all. */
  async wait(ms: number): Promise<number> {
    this.#due += ms;
    if (this.#gone) return 0;
    const { clock } = this.#deps;
    const left = this.#due - clock.monotonic();
    if (left <= 0) return 1;
    this.#sendHead();
    await this.#pause((done) => {
      const timer = clock.schedule(left, done);
      this.#wake = () => {
        timer.stop();
        done();
      };
    });
    return this.#gone ? Math.max(0, 1 - Math.max(0, this.#due - clock.monotonic()) / ms) : 1;
  }

  head(status: number, headers: HeaderList): void {
    this.#response.writeHead(status, headers.flat());
    this.#headWaits = true;
  }

  /** Waits while the client reads too slowly. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.#gone) return;
    this.#headWaits = false;
    let sent = false;
    let wakeSent = (): void => {};
    const ready = this.#response.write(bytes, (error) => {
      // Said before the response closes.
      if (error) this.#gone = true;
      sent = true;
      wakeSent();
    });
    // Node would make one chunk of all that is written in a tick; the client shall see each piece as one.
    if (this.#response.writableCorked > 0) this.#response.uncork();
    this.#writes += 1;
    if (this.#writes % WRITES_PER_TURN === 0) await this.#pause((done) => setImmediate(done));
    if (ready || sent) return;
    this.#deps.countPaused(1);
    await this.#pause((done) => {
      wakeSent = done;
    });
    this.#deps.countPaused(-1);
  }

  async untilGone(): Promise<void> {
    this.#sendHead();
    await this.#pause(() => {});
  }

  /** Ends the answer and waits until it is sent. */
  async end(): Promise<void> {
    await this.#pause((done) => this.#response.end(done));
  }

  /** Closes the connection after what was written: FIN. */
  async hangUp(): Promise<void> {
    await this.#flushed();
    this.#response.socket?.destroySoon();
  }

  /** Resets the connection after what was written: RST. */
  async reset(): Promise<void> {
    await this.#flushed();
    this.#response.socket?.resetAndDestroy();
  }

  #sendHead(): void {
    if (this.#headWaits && !this.#gone) this.#response.flushHeaders();
    this.#headWaits = false;
  }

  async #flushed(): Promise<void> {
    this.#sendHead();
    const { socket } = this.#response;
    await this.#pause((done) => (socket === null ? done() : socket.write(NOTHING, () => done())));
  }

  /** Ends when the client goes, or when the given function calls back. */
  #pause(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      if (this.#response.closed || this.#gone) {
        resolve();
        return;
      }
      this.#wake = resolve;
      start(resolve);
    });
  }
}
