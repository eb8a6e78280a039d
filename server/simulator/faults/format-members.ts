import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatDialectName, Frame } from '../../dialects/dialect.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import type { Scene } from './fault.ts';

/** Names of members, from the outside in; "*" is every item of a list. */
export type Path = readonly string[];

/** Where a format says what faults take away, add or move. */
export interface FormatMembers {
  /** The list of answers, or of what an answer is made of, in an answer in one piece. */
  readonly answers: Path;
  /** The same in a frame, where frames have such a list. */
  readonly frameAnswers?: Path;
  /** What says why an answer ended, in an answer in one piece. */
  readonly finish: readonly Path[];
  /** The same in a frame. */
  readonly frameFinish: readonly Path[];
  /** Usage in a frame, its usual place first. */
  readonly usage: readonly [Path, ...Path[]];
  /** The event that ends a stream, where it is not the last frame. */
  readonly terminalEvent?: string;
  /** A frame that says nothing, with room for more members. */
  readonly filler: { readonly event: string; readonly members: JsonObject };
}

const OPENAI: FormatMembers = {
  answers: ['choices'],
  frameAnswers: ['choices'],
  finish: [['choices', '*', 'finish_reason']],
  frameFinish: [['choices', '*', 'finish_reason']],
  usage: [['usage']],
  filler: { event: '', members: { choices: [] } },
};

const FORMATS: Readonly<Record<ChatDialectName, FormatMembers>> = {
  'openai-chat': OPENAI,
  'openai-completions': OPENAI,
  'openai-responses': {
    answers: ['output'],
    finish: [['status'], ['incomplete_details']],
    // The name of the terminal event still says whether the answer is whole.
    frameFinish: [
      ['response', 'status'],
      ['response', 'incomplete_details'],
    ],
    usage: [['response', 'usage']],
    filler: { event: 'response.simulated', members: { type: 'response.simulated' } },
  },
  'anthropic-messages': {
    answers: ['content'],
    finish: [['stop_reason']],
    frameFinish: [['delta', 'stop_reason']],
    usage: [['usage'], ['message', 'usage']],
    filler: { event: 'ping', members: { type: 'ping' } },
  },
  gemini: {
    answers: ['candidates'],
    frameAnswers: ['candidates'],
    finish: [['candidates', '*', 'finishReason']],
    frameFinish: [['candidates', '*', 'finishReason']],
    usage: [['usageMetadata']],
    filler: { event: '', members: {} },
  },
  'bedrock-converse': {
    answers: ['output', 'message', 'content'],
    finish: [['stopReason']],
    frameFinish: [['stopReason']],
    usage: [['usage']],
    terminalEvent: 'messageStop',
    filler: { event: 'simulated', members: {} },
  },
  cohere: {
    answers: ['message', 'content'],
    finish: [['finish_reason']],
    frameFinish: [['delta', 'finish_reason']],
    usage: [['delta', 'usage']],
    filler: { event: 'debug', members: { type: 'debug' } },
  },
};

/** The members of the format in which a fault strikes. Throws INVALID_REQUEST where that is no format of conversations. */
export function formatMembers(scene: Scene): FormatMembers {
  if (scene.dialect !== undefined) return FORMATS[scene.dialect];
  throw new SluiceError('INVALID_REQUEST', 'This fault strikes conversations only.', { param: 'x-sim-fault' });
}

/** A frame that the format passes over, holding such a text. */
export function fillerFrame({ filler }: FormatMembers, padding: string): Frame {
  return { event: filler.event, data: JSON.stringify({ padding, ...filler.members }) };
}

/** The value at a path without "*"; undefined where there is none. */
export function valueAt(value: JsonValue | undefined, path: Path): JsonValue | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  return isJsonObject(value) ? valueAt(value[name], rest) : undefined;
}

/** The object with another value at a path, or without it for undefined. What the path does not lead to stays as it is. */
export function withValueAt(object: JsonObject, [name, ...rest]: Path, value: JsonValue | undefined): JsonObject {
  if (name === undefined) return object;
  if (rest.length === 0) {
    const { [name]: _old, ...others } = object;
    return value === undefined ? others : { ...others, [name]: value };
  }
  const inner = object[name];
  const [next, ...behind] = rest;
  if (next === '*' && Array.isArray(inner)) {
    return { ...object, [name]: inner.map((item) => (isJsonObject(item) ? withValueAt(item, behind, value) : item)) };
  }
  return isJsonObject(inner) ? { ...object, [name]: withValueAt(inner, rest, value) } : object;
}

/** The object without any of the paths. */
export function withoutPaths(object: JsonObject, paths: readonly Path[]): JsonObject {
  return paths.reduce((current, path) => withValueAt(current, path, undefined), object);
}
