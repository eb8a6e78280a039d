import { create } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { decodeCitation } from './citations.ts';
import { DIALECT } from './wire.ts';

/** A message of an answer: what it plans, what it thinks and says, and what it calls. */
export interface DecodedMessage {
  readonly parts: Part[];
  /** Citations of what is no text. */
  readonly strayCitations: readonly JsonObject[];
}

export function decodeMessage(message: JsonObject): DecodedMessage {
  const plan = stringOf(message['tool_plan']);
  const content = contentOf(message['content']);
  const said = content.map(contentPart);
  const strayCitations = annotate(said, objectsOf(message['citations']));
  const parts = [
    ...(plan === '' ? [] : [wordsPart('reasoning', plan)]),
    ...said.filter((part) => !isEmpty(part)),
    ...objectsOf(message['tool_calls']).map((call, index) => callPart(call, argumentsOf(call), index)),
  ];
  return { parts, strayCitations };
}

/** Content is a list; a text by itself is one of one entry. */
function contentOf(content: JsonValue | undefined): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : objectsOf(content);
}

/** An entry of content. Types that the contract has nothing for stay as they are. */
export function contentPart(json: JsonObject): Part {
  switch (json['type']) {
    case 'text':
      return wordsPart('text', stringOf(json['text']));
    case 'thinking':
      return wordsPart('reasoning', stringOf(json['thinking']));
    default:
      return create(PartSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(json) } } });
  }
}

export function wordsPart(kind: 'text' | 'reasoning', text: string): Part {
  return create(PartSchema, { kind: { case: kind, value: { text } } });
}

function isEmpty({ kind }: Part): boolean {
  return (kind.case === 'text' || kind.case === 'reasoning') && kind.value.text === '';
}

/** Puts citations on the texts that they are about; gives back those of thoughts and plans. */
function annotate(said: readonly Part[], citations: readonly JsonObject[]): readonly JsonObject[] {
  return citations.filter((citation) => {
    const index = citation['content_index'];
    const named = typeof index === 'number' ? said[index] : said.find(({ kind }) => kind.case === 'text');
    if (isOfPlan(citation) || named?.kind.case !== 'text') return true;
    named.kind.value.annotations.push(...decodeCitation(citation));
    return false;
  });
}

/** Whether a citation is about the plan, which stands apart from the content. */
export function isOfPlan({ type }: JsonObject): boolean {
  return type === 'PLAN';
}

/** A call with such arguments. An id that is missing is derived from its position. */
export function callPart(call: JsonObject, input: string, index: number): Part {
  const value = {
    id: stringOf(call['id']) || `call_${index}`,
    name: stringOf(objectOf(call['function'])?.['name']),
    input: { case: 'argumentsJson' as const, value: input },
  };
  return create(PartSchema, { kind: { case: 'toolCall', value } });
}

/** The model writes null for tools without arguments; that is no object, as callers expect one. */
function argumentsOf(call: JsonObject): string {
  const input = objectOf(call['function'])?.['arguments'] ?? '';
  const text = typeof input === 'string' ? input : textOfAnswer(input);
  return NO_ARGUMENTS.has(text.trim()) ? '{}' : text;
}

/** What stands for no arguments at all. */
export const NO_ARGUMENTS: ReadonlySet<string> = new Set(['', 'null']);
