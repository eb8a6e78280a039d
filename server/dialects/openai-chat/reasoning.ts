import { create } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { objectsOf, stringOf } from '../read-answer.ts';

// The format itself has no thoughts. Servers that give them use reasoning_content (DeepSeek, xAI, Moonshot, Alibaba,
// vLLM) or reasoning (Groq, OpenRouter); OpenRouter adds reasoning_details, where signatures and encrypted thoughts are:
// https://openrouter.ai/docs/use-cases/reasoning-tokens

/** The member that thoughts are written to where a provider has no word of its own for them. */
export const REASONING_FIELD = 'reasoning_content';

/** A piece of thoughts: words, or a signature, or what only the provider can read. */
export interface Thought {
  readonly text: string;
  readonly summary: boolean;
  readonly signature: string;
  readonly redactedData: string;
}

/** The thoughts' words: in the provider's member, or in the two that are common. */
export function reasoningText(json: JsonObject, field: string | undefined): string {
  if (field !== undefined) return stringOf(json[field]);
  return stringOf(json[REASONING_FIELD]) || stringOf(json['reasoning']);
}

/** What reasoning_details hold, in their order; other kinds of them are left out. */
export function reasoningDetails(json: JsonObject): readonly Thought[] {
  return objectsOf(json['reasoning_details']).flatMap((detail) => {
    const thought = { text: '', summary: false, signature: stringOf(detail['signature']), redactedData: '' };
    switch (detail['type']) {
      case 'reasoning.text':
        return [{ ...thought, text: stringOf(detail['text']) }];
      case 'reasoning.summary':
        return [{ ...thought, text: stringOf(detail['summary']), summary: true }];
      case 'reasoning.encrypted':
        return [{ ...thought, redactedData: stringOf(detail['data']) }];
      default:
        return [];
    }
  });
}

/** All thoughts of a whole message as parts. Details repeat the words of the plain member, so one of them is taken. */
export function reasoningParts(json: JsonObject, field: string | undefined): Part[] {
  const details = reasoningDetails(json);
  const text = reasoningText(json, field);
  const plain = { text, summary: false, signature: '', redactedData: '' };
  const thoughts = text === '' || details.some((detail) => detail.text !== '') ? details : [plain, ...details];
  return thoughts.map(reasoningPart);
}

export function reasoningPart({ text, summary, signature, redactedData }: Thought): Part {
  return create(PartSchema, { kind: { case: 'reasoning', value: { text, summary, redactedData } }, signature });
}

/** A thought as an entry of reasoning_details. */
export function encodeDetail({ text, summary, signature, redactedData }: Thought): JsonObject {
  if (redactedData !== '') return { type: 'reasoning.encrypted', data: redactedData };
  if (summary) return { type: 'reasoning.summary', summary: text };
  return { type: 'reasoning.text', text, ...(signature === '' ? {} : { signature }) };
}

/** The members of a message that hold thoughts; details only where there is more to them than words. */
export function encodeReasoning(thoughts: readonly Thought[]): JsonObject {
  if (thoughts.length === 0) return {};
  const proven = thoughts.some(({ signature, redactedData }) => signature !== '' || redactedData !== '');
  return {
    [REASONING_FIELD]: thoughts.map(({ text }) => text).join(''),
    ...(proven && { reasoning_details: thoughts.map(encodeDetail) }),
  };
}

/** A reasoning part as a thought. */
export function thoughtOf(part: Part): Thought | undefined {
  if (part.kind.case !== 'reasoning') return undefined;
  const { text, summary, redactedData } = part.kind.value;
  return { text, summary, signature: part.signature, redactedData };
}
