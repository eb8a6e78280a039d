import { type ChatResponse, FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../gen/sluice/v1/content_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { ChatEvent } from '../../server/dialects/dialect.ts';
import { assertOrder } from '../dialects/support/plain-reading.ts';

/** What an answer says to whoever reads it, in any format. */
export interface Reading {
  /** What is said, and what is declined, which some formats do not tell apart. */
  readonly text: string;
  readonly thoughts: string;
  /** Names and arguments of the tools that the caller runs. */
  readonly calls: readonly (readonly [string, unknown])[];
  readonly finish: string;
  readonly usage: Counts;
}

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'inputAudioTokens',
  'outputAudioTokens',
] as const;
export type CountName = (typeof COUNTS)[number];
export type Counts = Readonly<Partial<Record<CountName, number>>>;

/** The counts that are known. */
export function countsOf(usage: Usage | undefined): Counts {
  return Object.fromEntries(COUNTS.flatMap((name) => (usage?.[name] === undefined ? [] : [[name, usage[name]]])));
}

const WORDS = new Map<number, string>(Object.entries(FinishReason).map(([word, reason]) => [reason, word]));

function argumentsOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return text;
  }
}

function readParts(parts: readonly Part[]): Pick<Reading, 'text' | 'thoughts' | 'calls'> {
  const join = (kinds: readonly string[]): string =>
    parts
      .map(({ kind }) => (kinds.includes(kind.case ?? '') && kind.value && 'text' in kind.value ? kind.value.text : ''))
      .join('');
  return {
    text: join(['text', 'refusal']),
    thoughts: join(['reasoning']),
    calls: parts.flatMap(({ kind }) =>
      kind.case === 'toolCall' && !kind.value.providerExecuted
        ? [[kind.value.name, argumentsOf(kind.value.input.value)] as const]
        : [],
    ),
  };
}

export function readResponse({ choices, usage }: ChatResponse): Reading {
  const [choice] = choices;
  return {
    ...readParts(choice?.parts ?? []),
    finish: WORDS.get(choice?.finishReason ?? 0) ?? '',
    usage: countsOf(usage),
  };
}

/** The parts of the first answer that events add up to, as far as a reading goes. */
function partsOf(events: readonly ChatEvent[]): Part[] {
  const parts = new Map<number, Part>();
  for (const event of events) {
    if (event.case === 'partStart' && event.value.choice === 0 && event.value.part !== undefined) {
      parts.set(event.value.index, structuredClone(event.value.part));
    }
    if (event.case !== 'partDelta' || event.value.choice !== 0) continue;
    const kind = parts.get(event.value.index)?.kind;
    const { delta } = event.value;
    if (kind?.case === 'toolCall' && (delta.case === 'text' || delta.case === 'argumentsJson')) {
      kind.value.input = { case: delta.case, value: (kind.value.input.value ?? '') + delta.value };
    } else if (delta.case === 'text' && kind?.value && 'text' in kind.value) kind.value.text += delta.value;
  }
  return [...parts.values()];
}

/** Fails where the events break the rules of a stream: see assertOrder. */
export function readEvents(events: readonly ChatEvent[]): Reading {
  assertOrder(events);
  const last = events.at(-1);
  const finish = last?.case === 'finish' ? last.value : undefined;
  return {
    ...readParts(partsOf(events)),
    finish: WORDS.get(finish?.choices[0]?.reason ?? 0) ?? '',
    usage: countsOf(finish?.usage),
  };
}
