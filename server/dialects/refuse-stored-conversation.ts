import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { WireBody } from './dialect.ts';

/** Members of a body of the Responses API that stand for content which only its provider holds. */
const STORED = ['conversation', 'prompt'] as const;

/**
 * To be called where a request is encoded for a format without stored conversations: what the caller only names would be
 * missing from it without a trace. Throws SluiceError UNSUPPORTED_PARAMETER with the member as param.
 */
export function refuseStoredConversation(generation: Generation, wire: WireBody | undefined): void {
  if (generation.previousResponseId !== '') throw refusal('previous_response_id', 'generation.previous_response_id');
  if (wire?.dialect !== 'openai-responses') return;
  const named = STORED.find((member) => (wire.json[member] ?? null) !== null);
  if (named !== undefined) throw refusal(named, named);
}

function refusal(param: string, field: string): SluiceError {
  return new SluiceError(
    'UNSUPPORTED_PARAMETER',
    `The provider of this model stores no conversations, so ${param} means nothing to it: send the whole conversation.`,
    { param, metadata: { field } },
  );
}
