import type { Logprobs, PartDelta } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { ChatEvent } from './dialect.ts';

/**
 * An event that adds to a part of an answer. Streams are made of them, so the message is written out as create() would make
 * it: a walk over the descriptor for each piece costs as much as parsing the piece.
 */
export function partDeltaEvent(
  choice: number,
  index: number,
  delta: PartDelta['delta'],
  logprobs?: Logprobs,
): ChatEvent {
  const value: PartDelta = { $typeName: 'sluice.v1.PartDelta', choice, index, delta };
  if (logprobs !== undefined) value.logprobs = logprobs;
  return { case: 'partDelta', value };
}
