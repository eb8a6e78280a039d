import net from 'node:net';
import type { CallEnd, Lane } from './task.ts';

export interface HttpLaneInit {
  readonly port: number;
  readonly request: Uint8Array;
  readonly ending?: string;
  /** Sees every piece of every answer. */
  readonly onData?: (bytes: Buffer) => void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = '\r\n0\r\n\r\n';
/** So much of a chunked answer's end is kept, to look for its ending. */
const TAIL_BYTES = 256;

/**
 * HTTP/1.1 with keep-alive on a raw socket. It reads the status and the length, or looks for the last chunk, and never
 * unpacks: the generator must stay cheaper than what it loads.
 */
export class HttpLane implements Lane {
  readonly #init: HttpLaneInit;
  #socket: net.Socket | undefined;
  #end: CallEnd | undefined;
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of the body still to come; undefined while the head is being read, Infinity for chunks. */
  #left: number | undefined;
  #tail = '';

  constructor(init: HttpLaneInit) {
    this.#init = init;
  }

  call(end: CallEnd): void {
    this.#end = end;
    this.#left = undefined;
    this.#head = Buffer.alloc(0);
    this.#tail = '';
    this.#socket ??= this.#connect();
    this.#socket.write(this.#init.request);
  }

  close(): void {
    this.#end = undefined;
    this.#socket?.destroy();
  }

  #connect(): net.Socket {
    const socket = net.connect({ port: this.#init.port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error) => this.#finish(error.message));
    socket.on('close', () => {
      this.#socket = undefined;
      this.#finish('the connection was closed');
    });
    return socket;
  }

  #read(bytes: Buffer): void {
    this.#init.onData?.(bytes);
    if (this.#left !== undefined) {
      this.#readBody(bytes);
      return;
    }
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const at = this.#head.indexOf(HEAD_END);
    if (at < 0) return;
    const head = this.#head.toString('latin1', 0, at);
    if (!head.startsWith('HTTP/1.1 200')) {
      this.#fail(this.#head.toString('latin1', 0, 1000));
      return;
    }
    this.#left = Number(/\r\ncontent-length: ?(\d+)/i.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
    // The line break before the first chunk's length counts: an empty answer is the last chunk alone.
    this.#readBody(this.#head.subarray(this.#left === Number.POSITIVE_INFINITY ? at + 2 : at + HEAD_END.length));
  }

  #readBody(bytes: Buffer): void {
    if (this.#left !== Number.POSITIVE_INFINITY) {
      this.#left = (this.#left ?? 0) - bytes.length;
      if (this.#left <= 0) this.#finish();
      return;
    }
    const tail = bytes.toString('latin1', Math.max(0, bytes.length - TAIL_BYTES));
    this.#tail = bytes.length >= TAIL_BYTES ? tail : (this.#tail + tail).slice(-TAIL_BYTES);
    if (!this.#tail.endsWith(LAST_CHUNK)) return;
    const { ending } = this.#init;
    this.#finish(ending === undefined || this.#tail.includes(ending) ? undefined : `unlike a good end: ${this.#tail}`);
  }

  /** What follows on this connection cannot be told apart from the failed answer: the next call takes a new one. */
  #fail(why: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.removeAllListeners('close').destroy();
    this.#finish(why);
  }

  #finish(failure?: string): void {
    const end = this.#end;
    this.#end = undefined;
    end?.(failure);
  }
}
