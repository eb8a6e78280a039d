import type { Door } from './doors.ts';

/** What a caller got, read by the rules of the door's format and of nothing else. */
export interface Reading {
  /** Errors in the format's form. */
  readonly errors: number;
  /** Terminal markers: [DONE], message_stop, response.completed, the finish of RPC. */
  readonly ends: number;
  /** Why the answer ended, as often as it is said. */
  readonly reasons: readonly string[];
  readonly text: string;
  /** What is wrong with the form; what comes after an error or a terminal marker is. */
  readonly faults: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape are judged here
type Json = any;

interface Said {
  readonly error?: boolean;
  readonly end?: boolean;
  readonly reason?: string | null | undefined;
  readonly text?: string | null | undefined;
  readonly fault?: string;
}

/** One event of a stream: its name, its data. */
type ReadEvent = (event: string, data: string) => Said;

const words = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Whether it is an error as each format has it; undefined where it is none at all. */
const ERROR_OF: Readonly<Record<Door, (json: Json) => boolean | undefined>> = {
  chat: openAiError,
  completions: openAiError,
  responses: openAiError,
  messages: (json) => (json.type === 'error' ? words(json.error?.type) && words(json.error?.message) : undefined),
  gemini: (json) =>
    json.error === undefined
      ? undefined
      : json.error.code >= 400 && words(json.error.message) && /^[A-Z_]+$/.test(json.error.status),
  connect: (json) =>
    json.code === undefined ? undefined : /^[a-z_]+$/.test(json.code) && words(json.message) && json.details.length > 0,
};

function openAiError(json: Json): boolean | undefined {
  const { error } = json;
  if (error === undefined || error === null) return undefined;
  return words(error.message) && words(error.type) && error.param !== undefined && error.code !== undefined;
}

const errorSaid = (door: Door, json: Json): Said | undefined => {
  const good = ERROR_OF[door](json);
  return good === undefined ? undefined : { error: true, ...(!good && { fault: 'an error of another form' }) };
};

/** Chat and completions: chunks of data, then [DONE]. */
const chunks =
  (door: 'chat' | 'completions'): ReadEvent =>
  (_event, data) => {
    if (data === '[DONE]') return { end: true };
    const json = JSON.parse(data);
    const [choice] = json.choices ?? [];
    const text = door === 'chat' ? choice?.delta?.content : choice?.text;
    return errorSaid(door, json) ?? { text, reason: choice?.finish_reason };
  };

function responsesEvent(event: string, data: string): Said {
  const json = JSON.parse(data);
  // Events of other formats are relayed as they came.
  if (json.type !== undefined && json.type !== event) return { fault: `an event ${event} of the type ${json.type}` };
  switch (event) {
    case 'error':
      return { error: true, ...(!(words(json.message) && openAiError(json)) && { fault: 'an error of another form' }) };
    case 'response.output_text.delta':
      return { text: json.delta };
    case 'response.completed':
    case 'response.incomplete':
      return { end: true, reason: json.response?.status };
    default:
      return {};
  }
}

function messagesEvent(event: string, data: string): Said {
  const json = JSON.parse(data);
  const error = errorSaid('messages', json);
  if (error !== undefined) return event === 'error' ? error : { ...error, fault: 'an error under another name' };
  const { delta } = json;
  if (event === 'message_delta') return { reason: delta?.stop_reason };
  if (event === 'message_stop') return { end: true };
  return { text: delta?.type === 'text_delta' ? delta.text : '' };
}

/** The chunk with the finish reason is the terminal marker. */
function geminiEvent(_event: string, data: string): Said {
  const json = JSON.parse(data);
  const [candidate] = json.candidates ?? [];
  const reason = candidate?.finishReason;
  return errorSaid('gemini', json) ?? { text: geminiText(candidate), reason, end: reason !== undefined };
}

const geminiText = (candidate: Json): string =>
  (candidate?.content?.parts ?? []).map(({ text = '' }: Json) => text).join('');

const EVENTS: Readonly<Record<Exclude<Door, 'connect'>, ReadEvent>> = {
  chat: chunks('chat'),
  completions: chunks('completions'),
  responses: responsesEvent,
  messages: messagesEvent,
  gemini: geminiEvent,
};

/** A streamed answer with status 200. */
export function readStream(door: Door, body: Buffer): Reading {
  return reading(door === 'connect' ? readConnect(body) : readEvents(EVENTS[door], body.toString('utf8')));
}

/** An answer in one piece, or an error instead of any answer. */
export function readWhole(door: Door, status: number, body: string): Reading {
  const json: Json = JSON.parse(body);
  const error = errorSaid(door, json);
  if (error !== undefined && status >= 400) return reading([error]);
  if (status !== 200) return reading([{ fault: `status ${status} without an error` }]);
  return reading([{ end: true, ...wholeSaid(door, json) }]);
}

function wholeSaid(door: Door, json: Json): Said {
  switch (door) {
    case 'chat':
      return { text: json.choices?.[0]?.message?.content, reason: json.choices?.[0]?.finish_reason };
    case 'completions':
      return { text: json.choices?.[0]?.text, reason: json.choices?.[0]?.finish_reason };
    case 'responses': {
      const parts = json.output?.flatMap(({ content }: Json) => content ?? []) ?? [];
      return { text: parts.map(({ text }: Json) => text).join(''), reason: json.status };
    }
    case 'messages':
      return { text: json.content?.map(({ text = '' }: Json) => text).join(''), reason: json.stop_reason };
    case 'gemini':
      return { text: geminiText(json.candidates?.[0]), reason: json.candidates?.[0]?.finishReason };
    case 'connect': {
      const parts = json.choices?.[0]?.parts ?? [];
      const text = parts.map(({ text: part }: Json) => part?.text ?? '').join('');
      return { text, reason: json.choices?.[0]?.finishReason };
    }
  }
}

function* readEvents(read: ReadEvent, body: string): Generator<Said> {
  const blocks = body.split('\n\n');
  if (blocks.pop() !== '') yield { fault: 'half an event at the end' };
  for (const block of blocks) {
    if (block.startsWith(':')) continue;
    const lines = block.split('\n');
    const event = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? '';
    yield read(event, lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : [])).join('\n'));
  }
}

/** Envelopes of flags, length and JSON; the last has the flag of the end (https://connectrpc.com/docs/protocol). */
function* readConnect(body: Buffer): Generator<Said> {
  let ended = false;
  for (let at = 0; at < body.length; ) {
    const size = body.readUInt32BE(at + 1);
    const json: Json = JSON.parse(body.subarray(at + 5, at + 5 + size).toString('utf8'));
    ended = body.readUInt8(at) === 2;
    at += 5 + size;
    if (ended && json.error !== undefined) yield errorSaid('connect', json.error) ?? { fault: 'an error without code' };
    else if (json.finish !== undefined) yield { end: true, reason: json.finish.choices?.[0]?.reason };
    else yield { text: json.partDelta?.text };
  }
  if (!ended) yield { fault: 'no end of the stream' };
}

function reading(said: Iterable<Said>): Reading {
  const faults: string[] = [];
  const reasons: string[] = [];
  let [errors, ends, text] = [0, 0, ''];
  for (const one of said) {
    if (one.fault !== undefined) faults.push(one.fault);
    if (errors > 0) faults.push('something after the error');
    // The end of a Connect stream comes after its finish.
    if (ends > 0 && (one.end === true || one.error === true)) faults.push('something after the terminal marker');
    if (one.error === true) errors += 1;
    if (one.end === true) ends += 1;
    if (words(one.reason)) reasons.push(one.reason);
    text += one.text ?? '';
  }
  return { errors, ends, reasons, text, faults };
}
