import { Code } from '@connectrpc/connect';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SingleEnvelope } from '../../../server/rpc/adapter/single-envelope.ts';

const END_FLAG = 0b10;
const MESSAGE = Buffer.from(encodeEnvelope(0, Buffer.from('hello')));
const END = Buffer.from(encodeEnvelope(END_FLAG, Buffer.from('{}')));

function read(chunks: readonly Buffer[], maxBytes = 1000): string {
  const sink = new SingleEnvelope(maxBytes, END_FLAG);
  for (const chunk of chunks) sink.push(chunk);
  return Buffer.from(sink.end().data).toString();
}

describe('a body with one envelope', () => {
  it('is the same message wherever it is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(210)), fc.boolean(), (data, cuts, withEnd) => {
        const whole = Buffer.concat([encodeEnvelope(0, data), ...(withEnd ? [END] : [])]);
        const at = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const chunks = at.slice(1).map((to, position) => whole.subarray(at[position], to));
        expect(read(chunks)).toBe(Buffer.from(data).toString());
      }),
    );
  });

  it.each([
    ['a second message', [MESSAGE, MESSAGE], Code.Unimplemented],
    ['no message', [END], Code.Unimplemented],
    ['nothing at all', [], Code.Unimplemented],
    ['a message that is cut off', [MESSAGE.subarray(0, 7)], Code.InvalidArgument],
    ['a prefix that is cut off', [MESSAGE, MESSAGE.subarray(0, 3)], Code.InvalidArgument],
  ])('is refused with %s', (_name, chunks, code) => {
    expect(() => read(chunks)).toThrow(expect.objectContaining({ code }));
  });

  it('is refused for its size before it has come', () => {
    const sink = new SingleEnvelope(4, END_FLAG);
    expect(() => sink.push(MESSAGE.subarray(0, 5))).toThrow(expect.objectContaining({ code: Code.ResourceExhausted }));
  });

  it('may be exactly as large as it may be', () => {
    expect(read([MESSAGE], 5)).toBe('hello');
  });
});
