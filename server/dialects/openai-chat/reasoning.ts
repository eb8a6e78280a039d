import { create } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { countOf, objectsOf, stringOf } from '../read-answer.ts';
import { formatOf, originOf } from './reasoning-origin.ts';

// The format itself has no thoughts. Servers that give them use reasoning_content (DeepSeek, xAI, Moonshot, Alibaba,
// vLLM) or reasoning (Groq, OpenRouter, Cerebras); OpenRouter adds reasoning_details, where signatures and encrypted
// thoughts are: https://openrouter.ai/docs/use-cases/reasoning-tokens. Thoughts between <think> tags stay text.

/** The member that thoughts are written to where a provider has no word of its own for them. */
export const REASONING_FIELD = 'reasoning_content';

/** A piece of thoughts: words, a signature, or what only the provider can read. */
export interface Thought {
  readonly text: string;
  readonly summary: boolean;
  readonly signature: string;
  readonly redactedData: string;
  /** As Part.origin has it. */
  readonly origin: string;
  readonly id: string;
  /** Pieces of one index are one thought; undefined where the provider does not number them. */
  readonly index: number | undefined;
}

const NOTHING: Thought = {
  text: '',
  summary: false,
  signature: '',
  redactedData: '',
  origin: '',
  id: '',
  index: undefined,
};

/** The thoughts' words: in the provider's member, or in the two that are common. */
export function reasoningText(json: JsonObject, field: string | undefined): string {
  if (field !== undefined) return stringOf(json[field]);
  return stringOf(json[REASONING_FIELD]) || stringOf(json['reasoning']);
}

/** What reasoning_details hold, in their order; pieces of one thought are joined. Kinds that are unknown are left out. */
export function reasoningDetails(json: JsonObject): readonly Thought[] {
  const thoughts: Thought[] = [];
  for (const thought of objectsOf(json['reasoning_details']).flatMap(readDetail)) {
    const last = thoughts.at(-1);
    if (last !== undefined && isContinued(last, thought)) thoughts[thoughts.length - 1] = joined(last, thought);
    else thoughts.push(thought);
  }
  return thoughts;
}

function readDetail(detail: JsonObject): Thought[] {
  const thought = {
    ...NOTHING,
    signature: stringOf(detail['signature']),
    origin: originOf(stringOf(detail['format'])),
    id: stringOf(detail['id']),
    index: countOf(detail['index']),
  };
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
}

function isContinued(last: Thought, next: Thought): boolean {
  const words = last.redactedData === '' && next.redactedData === '';
  return words && last.index !== undefined && last.index === next.index && last.summary === next.summary;
}

function joined(last: Thought, next: Thought): Thought {
  const { text, signature, id } = next;
  return { ...last, text: last.text + text, signature: signature || last.signature, id: id || last.id };
}

/** All thoughts of a whole message. Details repeat the words of the plain member, so one of them is taken. */
export function messageThoughts(json: JsonObject, field: string | undefined): readonly Thought[] {
  const details = reasoningDetails(json);
  const text = reasoningText(json, field);
  if (text === '' || details.some((detail) => detail.text !== '')) return details;
  const wordless = details.filter(({ redactedData }) => redactedData === '');
  const [only] = wordless;
  // Callers who keep the words apart from their signature send both back.
  if (only !== undefined && wordless.length === 1) {
    return details.map((detail) => (detail === only ? { ...only, text } : detail));
  }
  return [{ ...NOTHING, text }, ...details];
}

export function reasoningPart({ text, summary, signature, redactedData, origin, id }: Thought): Part {
  const value = { text, summary, redactedData };
  return create(PartSchema, { kind: { case: 'reasoning', value }, signature, origin, itemId: id });
}

/** A reasoning part as a thought; index is its position among those of its message. */
export function thoughtOf(part: Part, index: number): Thought | undefined {
  if (part.kind.case !== 'reasoning') return undefined;
  const { text, summary, redactedData } = part.kind.value;
  const { signature, origin, itemId: id } = part;
  return { text, summary, signature, redactedData, origin, id, index };
}

/** A thought as entries of reasoning_details. */
export function encodeDetails(thought: Thought): JsonObject[] {
  const { text, summary, signature, redactedData, origin, id, index } = thought;
  const format = formatOf(origin);
  const common = { ...(id === '' ? {} : { id }), ...(format && { format }), ...(index !== undefined && { index }) };
  const proof = signature === '' ? {} : { signature };
  const words = summary
    ? { type: 'reasoning.summary', summary: text, ...proof, ...common }
    : { type: 'reasoning.text', text, ...proof, ...common };
  const hidden = { type: 'reasoning.encrypted', data: redactedData, ...common };
  if (redactedData === '') return [words];
  return text === '' ? [hidden] : [words, hidden];
}

/** Whether there is more to a thought than words, so that plain text could not bring it back. */
export function hasProof({ signature, redactedData, origin, id }: Thought): boolean {
  return signature !== '' || redactedData !== '' || origin !== '' || id !== '';
}

/** The members of a message that hold thoughts; details only where there is more to them than words. */
export function encodeReasoning(parts: readonly Part[]): JsonObject {
  const thoughts = parts
    .filter(({ kind }) => kind.case === 'reasoning')
    .flatMap((part, index) => thoughtOf(part, index) ?? []);
  if (thoughts.length === 0) return {};
  return {
    [REASONING_FIELD]: thoughts.map(({ text }) => text).join(''),
    ...(thoughts.some(hasProof) && { reasoning_details: thoughts.flatMap(encodeDetails) }),
  };
}

/**
 * Takes the thoughts that are signatures of Gemini's calls from the others, by the id of the call: so OpenRouter gives
 * them, while the contract has them on the call.
 */
export function splitCallSignatures(
  thoughts: readonly Thought[],
  ids: ReadonlySet<string>,
): { readonly thoughts: readonly Thought[]; readonly signatures: ReadonlyMap<string, string> } {
  const signs = (thought: Thought): boolean => isCallSignature(thought) && ids.has(thought.id);
  return {
    thoughts: thoughts.filter((thought) => !signs(thought)),
    signatures: new Map(thoughts.filter(signs).map(({ id, redactedData }) => [id, redactedData])),
  };
}

/** Whether a thought may be the signature of a call. */
export function isCallSignature({ redactedData, origin, id }: Thought): boolean {
  return redactedData !== '' && origin === 'gemini' && id !== '';
}
