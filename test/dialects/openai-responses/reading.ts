import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent } from '../../../server/dialects/dialect.ts';
import { assertOrder } from '../support/plain-reading.ts';

/** What an answer says, read independently of the codecs. */
export interface Reading {
  readonly text: string;
  readonly refusal: string;
  readonly summary: string;
  readonly thoughts: string;
  readonly encrypted: readonly string[];
  readonly tools: readonly (readonly [string, string, string])[];
  /** Types and ids of items that are kept as they are. */
  readonly hosted: readonly (readonly [string, string])[];
  readonly citations: number;
  readonly finish: string | undefined;
  readonly usage: readonly (number | undefined)[];
}

// biome-ignore lint/suspicious/noExplicitAny: a reading of foreign JSON without help of the code under test
type Json = any;

const READ = ['message', 'reasoning', 'function_call', 'custom_tool_call'];

/** A response object, as the terminal event has it too. */
export function readBody(body: Json): Reading {
  const content: Json[] = body.output
    .filter(({ type }: Json) => type === 'message')
    .flatMap(({ content }: Json) => content);
  const thoughts: Json[] = body.output.filter(({ type }: Json) => type === 'reasoning');
  const joined = (list: Json[], key: string): string => list.map((entry) => entry[key] ?? '').join('');
  return {
    text: joined(
      content.filter(({ type }) => type === 'output_text'),
      'text',
    ),
    refusal: joined(content, 'refusal'),
    summary: joined(
      thoughts.flatMap(({ summary }) => summary ?? []),
      'text',
    ),
    thoughts: joined(
      thoughts.flatMap((item) => item.content ?? []),
      'text',
    ),
    encrypted: thoughts.flatMap(({ encrypted_content }) => encrypted_content ?? []),
    tools: body.output
      .filter(({ type }: Json) => type === 'function_call' || type === 'custom_tool_call')
      .map((call: Json) => [call.call_id, call.name, call.arguments ?? call.input]),
    hosted: body.output.filter(({ type }: Json) => !READ.includes(type)).map(({ type, id }: Json) => [type, id]),
    citations: content.flatMap(({ annotations }) => annotations ?? []).length,
    finish: body.incomplete_details?.reason ?? body.status,
    usage: [
      body.usage?.input_tokens,
      body.usage?.output_tokens,
      body.usage?.input_tokens_details?.cached_tokens,
      body.usage?.output_tokens_details?.reasoning_tokens,
    ],
  };
}

function readParts(parts: readonly Part[]): Omit<Reading, 'finish' | 'usage'> {
  const words = (wanted: (part: Part) => string): string => parts.map(wanted).join('');
  return {
    text: words(({ kind }) => (kind.case === 'text' ? kind.value.text : '')),
    refusal: words(({ kind }) => (kind.case === 'refusal' ? kind.value.text : '')),
    summary: words(({ kind }) => (kind.case === 'reasoning' && kind.value.summary ? kind.value.text : '')),
    thoughts: words(({ kind }) => (kind.case === 'reasoning' && !kind.value.summary ? kind.value.text : '')),
    encrypted: parts.flatMap(({ kind }) =>
      kind.case === 'reasoning' && kind.value.redactedData !== '' ? [kind.value.redactedData] : [],
    ),
    tools: parts.flatMap(({ kind }) =>
      kind.case === 'toolCall' ? [[kind.value.id, kind.value.name, kind.value.input.value ?? ''] as const] : [],
    ),
    hosted: parts.flatMap(({ kind }) => {
      if (kind.case !== 'raw') return [];
      const { type, id } = JSON.parse(kind.value.json);
      return [[type, id] as const];
    }),
    citations: parts.reduce((sum, { kind }) => sum + (kind.case === 'text' ? kind.value.annotations.length : 0), 0),
  };
}

export function readResponse({ choices, usage }: ChatResponse): Reading {
  return {
    ...readParts(choices[0]?.parts ?? []),
    finish: choices[0]?.rawFinishReason,
    usage: [usage?.inputTokens, usage?.outputTokens, usage?.cacheReadTokens, usage?.reasoningTokens],
  };
}

/** Puts the parts of a stream together by the rules of the contract; fails where the events break them. */
export function collectParts(events: readonly ChatEvent[]): Part[] {
  assertOrder(events);
  const parts: Part[] = [];
  for (const event of events) {
    if (event.case === 'partStart' && event.value.part) parts[event.value.index] = structuredClone(event.value.part);
    if (event.case !== 'partDelta') continue;
    const kind = parts[event.value.index]?.kind;
    const { delta } = event.value;
    if (kind === undefined) continue;
    if (delta.case === 'text' && (kind.case === 'text' || kind.case === 'reasoning' || kind.case === 'refusal')) {
      kind.value.text += delta.value;
    } else if ((delta.case === 'text' || delta.case === 'argumentsJson') && kind.case === 'toolCall') {
      kind.value.input = { case: delta.case, value: (kind.value.input.value ?? '') + delta.value };
    } else if (delta.case === 'annotation' && kind.case === 'text') {
      kind.value.annotations.push(delta.value);
    } else if (delta.case === 'rawJson' && kind.case === 'raw') {
      const { type, item } = JSON.parse(delta.value);
      if (type === 'response.output_item.done') kind.value.json = JSON.stringify(item);
    }
  }
  return parts;
}

export function readEvents(events: readonly ChatEvent[]): Reading {
  const last = events.at(-1);
  if (last?.case !== 'finish') throw new Error('no finish');
  const { choices, usage } = last.value;
  return {
    ...readParts(collectParts(events)),
    finish: choices[0]?.rawReason,
    usage: [usage?.inputTokens, usage?.outputTokens, usage?.cacheReadTokens, usage?.reasoningTokens],
  };
}
