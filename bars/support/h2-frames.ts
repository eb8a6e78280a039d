import net from 'node:net';

// HTTP/2 written by hand (RFC 9113, RFC 7541), to do what Node's client would not.

export const FRAME = { data: 0, headers: 1, rst: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 } as const;
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0', 'latin1');

interface FrameInit {
  readonly type: number;
  readonly flags?: number;
  readonly stream: number;
  readonly payload?: Uint8Array;
}

export function frame({ type, flags = 0, stream, payload = new Uint8Array() }: FrameInit): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Headers without compression: each name and each value as it is, of at most 126 bytes. */
export function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')]);
  return Buffer.concat(Object.entries(headers).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** A connection of which one sees whether it lives and how far the other side has read. */
export interface RawSession {
  readonly closed: boolean;
  readonly goneAway: boolean;
  write(bytes: Buffer): void;
  /** Resolves when the other side has read all that was written; false where it has closed instead. */
  caughtUp(): Promise<boolean>;
  destroy(): void;
}

export function openRawSession(port: number): RawSession {
  let closed = false;
  let goneAway = false;
  let seen = Buffer.alloc(0);
  let waiting: ((alive: boolean) => void) | undefined;
  const answer = (alive: boolean): void => {
    waiting?.(alive);
    waiting = undefined;
  };
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(PREFACE);
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
    answer(false);
  });
  socket.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    while (seen.length >= 9 && seen.length >= 9 + seen.readUIntBE(0, 3)) {
      const type = seen.readUInt8(3);
      const flags = seen.readUInt8(4);
      seen = seen.subarray(9 + seen.readUIntBE(0, 3));
      if (type === FRAME.settings && flags !== FLAG.ack) socket.write(frame({ type, flags: FLAG.ack, stream: 0 }));
      if (type === FRAME.goaway) goneAway = true;
      if (type === FRAME.ping && flags === FLAG.ack) answer(true);
    }
  });
  return {
    get closed() {
      return closed;
    },
    get goneAway() {
      return goneAway;
    },
    write: (bytes) => socket.write(bytes),
    caughtUp() {
      if (closed) return Promise.resolve(false);
      socket.write(frame({ type: FRAME.ping, stream: 0, payload: new Uint8Array(8) }));
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    destroy: () => socket.destroy(),
  };
}
