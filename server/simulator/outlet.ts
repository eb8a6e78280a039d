import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { HeaderList } from './step.ts';

const NOTHING = Buffer.alloc(0);

/** After so many writes the rest of the process gets its turn: a fast answer must not hide that its client has gone. */
const WRITES_PER_TURN = 256;

/** The client's end of an answer. All waits end when the client goes. */
export interface Outlet {
  /** The client has gone before the answer was whole. */
  readonly gone: boolean;
  /** Lets so many milliseconds pass, counted from the end of the last wait. The share of them that did, 1 for all. */
  wait(ms: number): Promise<number>;
  /** Headers go out with the next bytes, or when something waits. */
  head(status: number, headers: HeaderList): void;
  /** Waits while the client reads too slowly. */
  write(bytes: Uint8Array): Promise<void>;
  untilGone(): Promise<void>;
  /** Ends the answer and waits until it is sent. */
  end(): Promise<void>;
  /** Closes the connection after what was written: FIN. */
  hangUp(): Promise<void>;
  /** Resets the connection after what was written: RST. */
  reset(): Promise<void>;
}

export interface OutletDeps {
  readonly clock: Clock;
  /** Counts answers that wait for a slow client: +1 and -1. */
  readonly countPaused: (change: 1 | -1) => void;
}

export function createOutlet(response: ServerResponse, { clock, countPaused }: OutletDeps): Outlet {
  let gone = false;
  let wake = (): void => {};
  let due = clock.monotonic();
  let headWaits = false;
  let writes = 0;
  response.once('close', () => {
    gone = !response.writableFinished;
    wake();
  });
  // A connection that breaks while something is written says so here too; close follows.
  response.on('error', () => {});
  /** Ends on the client's going, or when the given function calls back. */
  const pause = (start: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      if (response.closed || gone) return resolve();
      wake = resolve;
      start(resolve);
    });
  const sendHead = (): void => {
    if (headWaits && !gone) response.flushHeaders();
    headWaits = false;
  };
  const flushed = (): Promise<void> => {
    sendHead();
    return pause((done) => (response.socket === null ? done() : response.socket.write(NOTHING, () => done())));
  };
  return {
    get gone() {
      return gone;
    },
    async wait(ms) {
      due += ms;
      const left = due - clock.monotonic();
      if (left <= 0 || gone) return gone ? 0 : 1;
      sendHead();
      await pause((done) => {
        const timer = clock.schedule(left, done);
        wake = () => {
          timer.stop();
          done();
        };
      });
      return gone ? Math.max(0, 1 - Math.max(0, due - clock.monotonic()) / ms) : 1;
    },
    head(status, headers) {
      response.writeHead(status, headers.flat());
      headWaits = true;
    },
    async write(bytes) {
      if (bytes.length === 0 || gone) return;
      headWaits = false;
      let sent = false;
      let wakeSent = (): void => {};
      const ready = response.write(bytes, (error) => {
        // Said before the response closes.
        if (error) gone = true;
        sent = true;
        wakeSent();
      });
      // Node would make one chunk of all that is written in a tick; the client shall see each piece as one.
      if (response.writableCorked > 0) response.uncork();
      writes += 1;
      if (writes % WRITES_PER_TURN === 0) await pause((done) => setImmediate(done));
      if (ready || sent) return;
      countPaused(1);
      await pause((done) => {
        wakeSent = done;
      });
      countPaused(-1);
    },
    async untilGone() {
      sendHead();
      await pause(() => {});
    },
    async end() {
      await pause((done) => response.end(done));
    },
    async hangUp() {
      await flushed();
      response.socket?.destroySoon();
    },
    async reset() {
      await flushed();
      response.socket?.resetAndDestroy();
    },
  };
}
