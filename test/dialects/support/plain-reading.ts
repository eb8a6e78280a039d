import type { ChatResponse, StreamFinish } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { ChatEvent } from '../../../server/dialects/dialect.ts';

/** What an answer says, as ../shared/blackbox/oracle.py reads it: independent of the codecs. */
export interface Reading {
  readonly text: string;
  readonly tools: readonly (readonly [string, unknown])[];
  readonly finish: string | undefined;
  readonly input: number | undefined;
  readonly output: number | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a reading of foreign JSON without help of the code under test
type Json = any;

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return text;
  }
}

function contentText(content: Json): string {
  if (!Array.isArray(content)) return content ?? '';
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function readJson(body: Json): Reading {
  const choice = body.choices[0];
  return {
    text: contentText(choice.message.content),
    tools: (choice.message.tool_calls ?? []).map((call: Json) => [call.function.name, parsed(call.function.arguments)]),
    finish: choice.finish_reason ?? undefined,
    input: body.usage?.prompt_tokens,
    output: body.usage?.completion_tokens,
  };
}

export function readChunks(chunks: readonly Json[]): Reading {
  let text = '';
  let finish: string | undefined;
  let usage: Json;
  const calls = new Map<number, { name: string; input: string }>();
  for (const chunk of chunks) {
    usage = chunk.usage ?? chunk.x_groq?.usage ?? usage;
    for (const choice of chunk.choices ?? []) {
      if ((choice.index ?? 0) !== 0) continue;
      text += contentText(choice.delta?.content);
      for (const [position, call] of (choice.delta?.tool_calls ?? []).entries()) {
        const key = call.index ?? position;
        const known = calls.get(key) ?? { name: '', input: '' };
        calls.set(key, {
          name: known.name || call.function?.name || '',
          input: known.input + (call.function?.arguments ?? ''),
        });
      }
      finish = choice.finish_reason ?? finish;
    }
  }
  const tools = [...calls.values()].map(({ name, input }) => [name, parsed(input)] as const);
  return { text, tools, finish, input: usage?.prompt_tokens, output: usage?.completion_tokens };
}

function readParts(parts: readonly Part[]): Pick<Reading, 'text' | 'tools'> {
  return {
    text: parts.map(({ kind }) => (kind.case === 'text' ? kind.value.text : '')).join(''),
    tools: parts.flatMap(({ kind }) =>
      kind.case === 'toolCall' ? [[kind.value.name, parsed(kind.value.input.value)] as const] : [],
    ),
  };
}

const counts = (usage: Usage | undefined) => ({ input: usage?.inputTokens, output: usage?.outputTokens });

export function readResponse({ choices, usage }: ChatResponse): Reading {
  const choice = choices[0];
  return { ...readParts(choice?.parts ?? []), finish: choice?.rawFinishReason, ...counts(usage) };
}

/** Reads events, and fails where they break the rules of a stream: see assertOrder. */
export function readEvents(events: readonly ChatEvent[]): Reading {
  assertOrder(events);
  const parts = new Map<number, { name: string; text: string; kind: string }>();
  for (const event of events) {
    if (event.case === 'partStart' && event.value.choice === 0) {
      const kind = event.value.part?.kind;
      const name = kind?.case === 'toolCall' ? kind.value.name : '';
      parts.set(event.value.index, { name, text: '', kind: kind?.case ?? '' });
    }
    if (event.case === 'partDelta' && event.value.choice === 0) {
      const part = parts.get(event.value.index);
      const { delta } = event.value;
      if (part && (delta.case === 'text' || delta.case === 'argumentsJson')) part.text += delta.value;
    }
  }
  const all = [...parts.values()];
  const last = events.at(-1)?.value as StreamFinish;
  return {
    text: all
      .filter(({ kind }) => kind === 'text')
      .map(({ text }) => text)
      .join(''),
    tools: all.filter(({ kind }) => kind === 'toolCall').map(({ name, text }) => [name, parsed(text)] as const),
    finish: last.choices[0]?.rawReason,
    ...counts(last.usage),
  };
}

/** start once and first, finish once and last, each part begun before it grows and ended once, indexes without gaps. */
export function assertOrder(events: readonly ChatEvent[]): void {
  const open = new Set<string>();
  const next = new Map<number, number>();
  for (const [position, event] of events.entries()) {
    if ((event.case === 'start') !== (position === 0)) throw new Error(`start at ${position}`);
    if ((event.case === 'finish') !== (position === events.length - 1)) throw new Error(`finish at ${position}`);
    if (event.case === 'start' || event.case === 'finish') continue;
    const key = `${event.value.choice}:${event.value.index}`;
    if (event.case === 'partStart') {
      const expected = next.get(event.value.choice) ?? 0;
      if (event.value.index !== expected) throw new Error(`part ${key} where ${expected} was next`);
      next.set(event.value.choice, expected + 1);
      open.add(key);
    } else if (!open.has(key)) throw new Error(`${event.case} of ${key}, which is not open`);
    if (event.case === 'partEnd') open.delete(key);
  }
  if (open.size > 0) throw new Error(`never ended: ${[...open]}`);
}
