import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Exchange } from '../../../server/rpc/adapter/exchange.ts';

/** An exchange that keeps what is written, piece by piece. */
export class FakeExchange extends EventEmitter implements Exchange {
  readonly method = 'POST';
  readonly target = '/some.Service/Method?x=1';
  readonly origin = 'http://localhost:1234';
  readonly headers = { 'x-one': 'a', ':path': '/hidden' };
  readonly body = new PassThrough();
  readonly pieces: string[] = [];
  writable = true;
  /** Whether the client reads as fast as is written. */
  quick = true;

  /** The client goes away. */
  leave(): void {
    this.writable = false;
    this.emit('close');
  }

  onClose(listener: () => void): void {
    this.once('close', listener);
  }

  answer(status: number, _headers: Headers, body: Uint8Array): void {
    this.pieces.push(`answer ${status}`, text(body));
  }

  begin(headers: Headers): void {
    this.pieces.push(`begin ${[...headers].join(' ')}`);
  }

  write(bytes: Uint8Array): boolean {
    this.pieces.push(text(bytes));
    return this.quick;
  }

  async room(): Promise<void> {
    if (!this.quick) await once(this, 'drain');
  }

  end(bytes: Uint8Array | undefined, trailers?: Headers): void {
    if (bytes !== undefined) this.pieces.push(text(bytes));
    this.pieces.push(`end ${[...(trailers ?? [])].join(' ')}`);
    this.writable = false;
  }
}

/** Without the zeros of flags and lengths, and with lengths as numbers. */
function text(bytes: Uint8Array): string {
  return [...bytes].map((byte) => (byte >= 32 ? String.fromCharCode(byte) : byte > 0 ? `<${byte}>` : '')).join('');
}
