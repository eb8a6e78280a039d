import { create } from '@bufbuild/protobuf';
import {
  type Message,
  type Part,
  PartSchema,
  Role,
  type ToolCallPart,
  type ToolResultPart,
} from '../../gen/sluice/v1/content_pb.ts';
import type { Losses } from './losses.ts';

/** A canonical part and where it stands in the request. */
export interface PlacedPart {
  readonly part: Part;
  readonly path: string;
}

/** A canonical message and where it stands in the request. */
export interface PlacedMessage {
  readonly role: Role;
  readonly name: string;
  readonly path: string;
  readonly parts: readonly PlacedPart[];
}

/** A conversation as it stands in the request. */
export function placed(messages: readonly Message[]): readonly PlacedMessage[] {
  return messages.map(({ role, name, parts }, index) => {
    const path = `generation.messages[${index}]`;
    return { role, name, path, parts: parts.map((part, at) => ({ part, path: `${path}.parts[${at}]` })) };
  });
}

export interface PairTerms {
  readonly losses: Losses;
  /** Whether messages of the model's that follow each other become one turn in the format; their calls are answered as one. */
  readonly turns: 'merged' | 'single';
}

/**
 * A conversation in which each call of a tool has its result right behind its message, and each result its call in the
 * message before: most formats refuse anything else, and callers of others send it. Calls get ids that differ, and results
 * those of their calls. A call that nobody answered gets a result that says so; a result without a call is the user's words.
 * What a provider ran itself stays as it is.
 */
export function pairTools(messages: readonly Message[], { losses, turns }: PairTerms): readonly PlacedMessage[] {
  const all = placed(messages).map((message) => ({ ...message, parts: ownCalls(message, losses) }));
  const calls = linkCalls(all);
  const moved = new Set<PlacedPart>(
    [...calls.values()].flatMap(({ result }) => (result === undefined ? [] : [result])),
  );
  let waiting: Call[] = [];
  return all.flatMap((message, index) => {
    waiting.push(...message.parts.flatMap((one) => calls.get(one) ?? []));
    const parts = message.parts.flatMap((one) => (moved.has(one) ? [] : partsAt(one, calls, losses)));
    const emptied = parts.length === 0 && message.parts.length > 0;
    const here = emptied ? [] : [{ ...message, parts }];
    const goesOn = turns === 'merged' && all[index + 1]?.role === Role.ASSISTANT;
    if (waiting.length === 0 || goesOn) return here;
    const results = waiting.map((call) => resultOf(call, losses));
    waiting = [];
    return [...here, { ...message, role: Role.TOOL, name: '', parts: results }];
  });
}

interface Call {
  readonly place: PlacedPart;
  readonly call: ToolCallPart;
  /** Differs from that of all other calls. */
  readonly id: string;
  result: PlacedPart | undefined;
}

function callOf({ part: { kind } }: PlacedPart): ToolCallPart | undefined {
  return kind.case === 'toolCall' && !kind.value.providerExecuted ? kind.value : undefined;
}

function answerOf({ part: { kind } }: PlacedPart): ToolResultPart | undefined {
  return kind.case === 'toolResult' && !kind.value.providerExecuted ? kind.value : undefined;
}

/** Only the model calls tools. */
function ownCalls({ role, parts }: PlacedMessage, losses: Losses): readonly PlacedPart[] {
  if (role === Role.ASSISTANT) return parts;
  return parts.filter((one) => {
    const foreign = one.part.kind.case === 'toolCall';
    if (foreign) losses.dropped(`${one.path}.tool_call`, 'Only the model calls tools.');
    return !foreign;
  });
}

/** The calls of a conversation by their places, with their results: by id, else by name, else by order. */
function linkCalls(messages: readonly PlacedMessage[]): ReadonlyMap<PlacedPart, Call> {
  const calls = new Map<PlacedPart, Call>();
  const open = createOpenCalls();
  const nextId = createIds();
  for (const [at, { parts }] of messages.entries()) {
    for (const [position, place] of parts.entries()) {
      const call = callOf(place);
      if (call !== undefined) {
        const added = { place, call, id: nextId(call.id || `call_${at}_${position}`), result: undefined };
        calls.set(place, added);
        open.add(added);
      }
      const result = answerOf(place);
      const answered = result && open.find(result);
      if (answered !== undefined) answered.result = place;
    }
  }
  return calls;
}

/** Providers without ids of their own repeat them in each answer: those that were there before get a number. */
function createIds(): (wanted: string) => string {
  const counts = new Map<string, number>();
  return (wanted) => {
    let id = wanted;
    while (counts.has(id)) {
      const count = (counts.get(wanted) ?? 1) + 1;
      counts.set(wanted, count);
      id = `${wanted}#${count}`;
    }
    counts.set(id, 1);
    return id;
  };
}

/** The calls so far, with what it takes to find one that is not answered without looking at all of them. */
function createOpenCalls() {
  const byId = new Map<string, Call[]>();
  const byName = new Map<string, Call[]>();
  const inOrder: Call[] = [];
  const push = (lists: Map<string, Call[]>, key: string, call: Call): void => {
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [call]);
    else list.push(call);
  };
  const first = createFirstOpen();
  return {
    add(call: Call): void {
      push(byId, call.call.id, call);
      push(byName, call.call.name, call);
      inOrder.push(call);
    },
    /** The last of that id; else the first of that name, or of any. */
    find({ callId, name }: ToolResultPart): Call | undefined {
      if (callId === '') return first(name === '' ? inOrder : (byName.get(name) ?? []));
      const list = byId.get(callId) ?? [];
      while (list.at(-1)?.result !== undefined) list.pop();
      return list.at(-1);
    },
  };
}

/** Finds the first call of a growing list that is not answered; it goes on from where it was. */
function createFirstOpen(): (list: readonly Call[]) => Call | undefined {
  const from = new Map<readonly Call[], number>();
  return (list) => {
    let at = from.get(list) ?? 0;
    while (list[at]?.result !== undefined) at += 1;
    from.set(list, at);
    return list[at];
  };
}

function partsAt(one: PlacedPart, calls: ReadonlyMap<PlacedPart, Call>, losses: Losses): PlacedPart[] {
  const call = calls.get(one);
  if (call !== undefined) {
    noteType(call.call, `${one.path}.tool_call`, losses);
    return [withId(one, call)];
  }
  const orphan = answerOf(one);
  if (orphan === undefined) return [one];
  losses.approximated(
    `${one.path}.tool_result`,
    "The call of this result is not in the conversation: it is sent as the user's words.",
  );
  return [
    { part: said('Result of a tool:'), path: one.path },
    ...orphan.parts.map((part, index) => ({ part, path: `${one.path}.tool_result.parts[${index}]` })),
  ];
}

function withId({ part, path }: PlacedPart, { call, id }: Call): PlacedPart {
  return call.id === id
    ? { part, path }
    : { part: { ...part, kind: { case: 'toolCall', value: { ...call, id } } }, path };
}

function resultOf({ place, call, id, result }: Call, losses: Losses): PlacedPart {
  const answer = result && answerOf(result);
  if (result !== undefined && answer !== undefined) {
    noteType(answer, `${result.path}.tool_result`, losses);
    const value = { ...answer, callId: id, name: call.name };
    return { part: { ...result.part, kind: { case: 'toolResult', value } }, path: result.path };
  }
  losses.emulated(`${place.path}.tool_call`, 'The call has no result: one that says so is sent.');
  const value = { callId: id, name: call.name, parts: [said('There is no result.')] };
  return { part: create(PartSchema, { kind: { case: 'toolResult', value } }), path: place.path };
}

/** Formats have kinds of calls for tools that a provider runs, and a plain one. */
function noteType({ type }: { readonly type: string }, path: string, losses: Losses): void {
  if (type !== '' && type !== 'function')
    losses.dropped(`${path}.type`, `A call of the kind ${type} is sent as one of a plain tool.`);
}

function said(text: string): Part {
  return create(PartSchema, { kind: { case: 'text', value: { text } } });
}
