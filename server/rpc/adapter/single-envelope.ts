import { Code, ConnectError } from '@connectrpc/connect';
import type { EnvelopedMessage } from '@connectrpc/connect/protocol';
import type { BodySink } from './read-body.ts';
import { tooLarge } from './whole-body.ts';

/** A byte of flags and four of length, big endian. */
const PREFIX_BYTES = 5;

/**
 * A body with exactly one message in an envelope, of at most so many bytes: what a caller of a unary or server-streaming
 * method sends over gRPC, gRPC-Web and Connect streams. Envelopes with the end flag hold no message and are passed over.
 */
export class SingleEnvelope implements BodySink<EnvelopedMessage> {
  readonly #maxBytes: number;
  readonly #endFlag: number;
  #chunks: Buffer[] = [];
  #size = 0;
  /** So much must be there before there is anything new to see. */
  #wanted = PREFIX_BYTES;
  #message: EnvelopedMessage | undefined;

  constructor(maxBytes: number, endFlag: number) {
    this.#maxBytes = maxBytes;
    this.#endFlag = endFlag;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#wanted) {
      const seen = this.#joined();
      const length = seen.readUInt32BE(1);
      if (length > this.#maxBytes) throw tooLarge(length, this.#maxBytes);
      this.#wanted = PREFIX_BYTES + length;
      if (this.#size < this.#wanted) return;
      this.#take({ flags: seen.readUInt8(0), data: seen.subarray(PREFIX_BYTES, this.#wanted) });
      this.#chunks = [seen.subarray(this.#wanted)];
      this.#size -= this.#wanted;
      this.#wanted = PREFIX_BYTES;
    }
  }

  end(): EnvelopedMessage {
    if (this.#size > 0) throw new ConnectError('protocol error: incomplete envelope', Code.InvalidArgument);
    if (this.#message === undefined) throw new ConnectError('protocol error: missing message', Code.Unimplemented);
    return this.#message;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const all = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [all];
    return all;
  }

  #take(envelope: EnvelopedMessage): void {
    if ((envelope.flags & this.#endFlag) !== 0) return;
    // https://connectrpc.com/docs/protocol and gRPC alike: a second message is a method of another kind.
    if (this.#message !== undefined) throw new ConnectError('protocol error: extra message', Code.Unimplemented);
    this.#message = envelope;
  }
}
