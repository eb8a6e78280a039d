import type { PartDelta, PartStart, StreamFinish } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { ChatEvent, ChatStreamEncoder, Frame, StreamStep } from '../dialect.ts';
import { evenSteps } from '../even-steps.ts';
import { objectOf } from '../read-answer.ts';
import { encodeCitation } from './citations.ts';
import { imageFormatOf, pictureText, ranByProvider } from './encode-response.ts';
import { isOwn } from './encode-spot.ts';
import { errorTypeOf } from './error.ts';
import { encodeUsage } from './usage.ts';
import { DIALECT, EVENT_TYPE_HEADER, finishWord } from './wire.ts';

/** All that is known of a streamed answer on its way to the caller. */
export interface ConverseEncoderState {
  /** Kinds of the parts so far, by index. */
  readonly kinds: Map<number, string | undefined>;
  /** Parts whose proofs are for providers of this format, by index. */
  readonly own: Map<number, boolean>;
  /** Whether a messageStop has been relayed. */
  stopped: boolean;
  /** Whether the finish event has come; nothing follows it. */
  done: boolean;
}

/**
 * Writes events of the ConverseStream API. A step that came in this format goes out as the payload that it came in; others
 * are built from their events. The format has one answer: of several, only the first is written. Usage always comes along.
 */
export function createStreamEncoder(): ChatStreamEncoder {
  const state: ConverseEncoderState = { kinds: new Map(), own: new Map(), stopped: false, done: false };
  const even = evenSteps(DIALECT);
  return {
    encode: (step) => (state.done ? [] : encode(state, even(step))),
    encodeError: (error: SluiceError) => (state.done ? [] : [exceptionFrame(error)]),
  };
}

const frame = (event: string, payload: JsonObject): Frame => ({ event, data: JSON.stringify(payload) });

/** The names of exceptions begin with a small letter within a stream. */
function exceptionFrame(error: SluiceError): Frame {
  const type = errorTypeOf(error);
  return frame(type.charAt(0).toLowerCase() + type.slice(1), { message: error.message });
}

function encode(state: ConverseEncoderState, { events, wire }: StreamStep): Frame[] {
  const own = wire?.dialect === DIALECT ? wire : undefined;
  const event = own?.headers?.[EVENT_TYPE_HEADER] ?? '';
  const finish = events.find((one) => one.case === 'finish');
  if (own?.text === undefined) {
    // Blocks that a relayed stream left open stay so: it has ended.
    const left = state.stopped ? events.filter((one) => one.case === 'finish') : events;
    return left.flatMap((one) => eventFrames(state, one));
  }
  state.stopped ||= event === 'messageStop';
  return [{ event, data: own.text }, ...(finish === undefined ? [] : finishFrames(state, finish.value))];
}

function eventFrames(state: ConverseEncoderState, event: ChatEvent): Frame[] {
  switch (event.case) {
    case 'start':
      return [frame('messageStart', { role: 'assistant' })];
    case 'partStart':
      return event.value.choice === 0 ? startFrames(state, event.value) : [];
    case 'partDelta':
      return event.value.choice === 0 ? deltaFrames(state, event.value) : [];
    case 'partEnd':
      return event.value.choice === 0 ? [frame('contentBlockStop', { contentBlockIndex: event.value.index })] : [];
    case 'finish':
      return finishFrames(state, event.value);
  }
}

function startFrames(state: ConverseEncoderState, { index, part }: PartStart): Frame[] {
  const kind = part?.kind;
  state.kinds.set(index, kind?.case);
  if (part === undefined || kind === undefined) return [];
  const at = { contentBlockIndex: index };
  if (kind.case === 'toolCall') {
    const { id, name, input, providerExecuted } = kind.value;
    const toolUse = { toolUseId: id, name, ...ranByProvider(providerExecuted) };
    const begun = frame('contentBlockStart', { ...at, start: { toolUse } });
    const piece = input.value ?? '';
    return piece === ''
      ? [begun]
      : [begun, frame('contentBlockDelta', { ...at, delta: { toolUse: { input: piece } } })];
  }
  const begun = startOf(part);
  state.own.set(index, isOwn(part));
  return [
    ...(begun === undefined ? [] : [frame('contentBlockStart', { ...at, start: begun })]),
    ...deltasOf(part).map((delta) => frame('contentBlockDelta', { ...at, delta })),
  ];
}

/** Blocks whose deltas do not tell what they are begin with that. */
function startOf({ kind }: Part): JsonObject | undefined {
  if (kind.case === 'image')
    return kind.value.source?.location.case === 'url' ? undefined : { image: { format: imageFormatOf(kind.value) } };
  return kind.case === 'raw' && kind.value.dialect === DIALECT ? objectOf(JSON.parse(kind.value.json)) : undefined;
}

/** What a part holds from its start on, as deltas. */
function deltasOf(part: Part): JsonObject[] {
  const { kind } = part;
  const own = isOwn(part);
  const signature = own ? part.signature : '';
  switch (kind.case) {
    case 'text':
    case 'refusal':
      return kind.value.text === '' ? [] : [{ text: kind.value.text }];
    case 'reasoning': {
      const { text, redactedData } = kind.value;
      if (own && redactedData !== '') return [{ reasoningContent: { redactedContent: redactedData } }];
      return [
        ...(text === '' ? [] : [{ reasoningContent: { text } }]),
        ...(signature === '' ? [] : [{ reasoningContent: { signature } }]),
      ];
    }
    case 'image': {
      const location = kind.value.source?.location;
      if (location?.case === 'url') return [{ text: pictureText(location.value) }];
      const data = location?.case === 'data' ? location.value : new Uint8Array();
      return data.length === 0 ? [] : [imageDelta(data)];
    }
    case 'audio':
      return kind.value.transcript === '' ? [] : [{ text: kind.value.transcript }];
    default:
      return [];
  }
}

const imageDelta = (data: Uint8Array): JsonObject => ({ image: { source: { bytes: data.toBase64() } } });

function deltaFrames({ kinds, own }: ConverseEncoderState, { index, delta }: PartDelta): Frame[] {
  if (delta.case === 'signature' && own.get(index) === false) return [];
  const members = deltaMembers(kinds.get(index), delta);
  return members === undefined ? [] : [frame('contentBlockDelta', { contentBlockIndex: index, delta: members })];
}

function deltaMembers(kind: string | undefined, delta: PartDelta['delta']): JsonObject | undefined {
  switch (delta.case) {
    case 'text':
      if (kind === 'toolCall') return { toolUse: { input: delta.value } };
      return kind === 'reasoning' ? { reasoningContent: { text: delta.value } } : { text: delta.value };
    case 'transcript':
      return { text: delta.value };
    case 'argumentsJson':
      return { toolUse: { input: delta.value } };
    case 'signature':
      return kind === 'reasoning' ? { reasoningContent: { signature: delta.value } } : undefined;
    case 'data':
      return kind === 'image' ? imageDelta(delta.value) : undefined;
    case 'annotation': {
      const citation = encodeCitation(delta.value);
      return citation && { citation };
    }
    case 'rawJson':
      return objectOf(JSON.parse(delta.value));
    default:
      return undefined;
  }
}

/** A relayed stream has told its end, and its usage where there is any. */
function finishFrames(state: ConverseEncoderState, { choices, usage }: StreamFinish): Frame[] {
  state.done = true;
  if (state.stopped) return [];
  const [choice] = choices;
  const counts = encodeUsage(usage);
  return [
    frame('messageStop', { stopReason: (choice && finishWord(choice).word) ?? undefined }),
    frame('metadata', { ...(counts && { usage: counts }), metrics: { latencyMs: 0 } }),
  ];
}
