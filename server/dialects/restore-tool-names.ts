import type { ChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../gen/sluice/v1/content_pb.ts';
import type { ChatStreamDecoder, DecodedResponse, StreamStep } from './dialect.ts';

// A request whose tools had to be called by other names (see fit-tool-name.ts) is answered with calls of those.

/** The caller's names by those that were sent; undefined where all were sent as they were. */
export type SentToolNames = ReadonlyMap<string, string> | undefined;

/** The answer with the caller's names of tools. */
export function withToolNames(
  answer: DecodedResponse<ChatResponse>,
  names: SentToolNames,
): DecodedResponse<ChatResponse> {
  if (names === undefined) return answer;
  for (const { parts } of answer.response.choices) for (const part of parts) rename(part, names);
  return answer;
}

/** A decoder whose events have the caller's names of tools. */
export function namingDecoder(decoder: ChatStreamDecoder, names: SentToolNames): ChatStreamDecoder {
  if (names === undefined) return decoder;
  const restored = (step: StreamStep): StreamStep => {
    for (const event of step.events) {
      if (event.case === 'partStart' && event.value.part !== undefined) rename(event.value.part, names);
    }
    return step;
  };
  return {
    push: (frame) => restored(decoder.push(frame)),
    end: () => restored(decoder.end()),
    get terminated() {
      return decoder.terminated;
    },
    get usage() {
      return decoder.usage;
    },
  };
}

/** Decoded parts are nobody else's yet. */
function rename({ kind }: Part, names: ReadonlyMap<string, string>): void {
  if (kind.case === 'toolCall') kind.value.name = names.get(kind.value.name) ?? kind.value.name;
}
