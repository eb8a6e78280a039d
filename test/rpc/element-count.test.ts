import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ChatRequestSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { EmbedRequestSchema } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { holdsMoreThan } from '../../server/rpc/element-count.ts';

const emptyParts = (count: number) =>
  toBinary(
    ChatRequestSchema,
    create(ChatRequestSchema, { generation: { messages: [{ parts: Array.from({ length: count }, () => ({})) }] } }),
  );

describe('the elements of a message', () => {
  it('count at all levels, each message of a list as one', () => {
    // The parts, and the fields generation and messages that hold them.
    const bytes = emptyParts(100_000);
    expect(holdsMoreThan(100_002, ChatRequestSchema, bytes)).toBe(false);
    expect(holdsMoreThan(100_001, ChatRequestSchema, bytes)).toBe(true);
  });

  it('count in packed lists, where a byte may be a number', () => {
    const ids = new Array<number>(200_000).fill(7);
    const inputs = [{ content: { case: 'tokens' as const, value: { ids } } }];
    const bytes = toBinary(EmbedRequestSchema, create(EmbedRequestSchema, { embedding: { inputs } }));
    expect(holdsMoreThan(199_999, EmbedRequestSchema, bytes)).toBe(true);
    expect(holdsMoreThan(210_000, EmbedRequestSchema, bytes)).toBe(false);
  });

  it('are few in a long text', () => {
    const text = 'word '.repeat(1_000_000);
    const messages = [{ parts: [{ kind: { case: 'text' as const, value: { text } } }] }];
    const bytes = toBinary(ChatRequestSchema, create(ChatRequestSchema, { generation: { messages } }));
    expect(holdsMoreThan(10, ChatRequestSchema, bytes)).toBe(false);
  });

  it('are nobody’s business where the bytes are no message: decoding tells', () => {
    expect(holdsMoreThan(10, ChatRequestSchema, new Uint8Array(100_000).fill(0xff))).toBe(false);
  });
});
