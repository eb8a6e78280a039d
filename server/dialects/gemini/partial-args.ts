import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { objectsOf, stringOf } from '../read-answer.ts';

// Vertex AI streams arguments by their paths: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling

type Node = { [name: string]: unknown } | unknown[];

/** The arguments of a call as far as they have come. */
export interface PartialArgs {
  /** Made without a prototype: every name is only a name. */
  readonly root: Node;
  /** Paths of texts that go on. */
  readonly growing: Set<string>;
}

export function createPartialArgs(): PartialArgs {
  return { root: Object.create(null), growing: new Set() };
}

/** Adds one message's pieces. Throws AttemptError MALFORMED for paths that cannot be. */
export function addPartialArgs({ root, growing }: PartialArgs, value: JsonValue | undefined): void {
  for (const piece of objectsOf(value)) {
    const path = stringOf(piece['jsonPath']);
    const keys = keysOf(path);
    const last = keys.pop();
    if (last === undefined) throw malformed(path);
    const parent = keys.reduce<Node>((node, key, at) => childOf(node, key, keys[at + 1] ?? last), root);
    setValue(parent, last, growing.has(path) ? grown(read(parent, last), piece) : valueOfPiece(piece));
    if (piece['willContinue'] === true) growing.add(path);
    else growing.delete(path);
  }
}

/** More is not a function's arguments. Each level costs a call where the object is written. */
const MAX_DEPTH = 64;

const KEY = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/gy;

type Key = string | number;

/** The names and indexes of a path such as $.stops[0].city or $['a b'] (RFC 9535, normalized paths and the short form). */
function keysOf(path: string): Key[] {
  if (!path.startsWith('$')) throw malformed(path);
  const keys: Key[] = [];
  let end = 1;
  KEY.lastIndex = end;
  for (let match = KEY.exec(path); match !== null; match = KEY.exec(path)) {
    const [, name, index, quoted = match[4]] = match;
    keys.push(index === undefined ? (name ?? unescaped(quoted ?? '')) : Number(index));
    end = KEY.lastIndex;
  }
  if (end !== path.length || keys.length > MAX_DEPTH) throw malformed(path);
  return keys;
}

const unescaped = (text: string): string => text.replace(/\\(.)/gs, '$1');

/** The object or array below a node; made where there is none yet. */
function childOf(node: Node, key: Key, next: Key): Node {
  const found = read(node, key);
  if (isNode(found)) return found;
  if (found !== undefined) throw malformed(String(key));
  const made: Node = typeof next === 'number' ? [] : Object.create(null);
  setValue(node, key, made);
  return made;
}

function isNode(value: unknown): value is Node {
  return isJsonObject(value) || Array.isArray(value);
}

function read(node: Node, key: Key): unknown {
  return Array.isArray(node) ? node[Number(key)] : node[key];
}

/** Items come in their order: a gap would be a hole, and a far index a large one. */
function setValue(node: Node, key: Key, value: unknown): void {
  if (Array.isArray(node)) {
    if (typeof key !== 'number' || key > node.length) throw malformed(String(key));
    node[key] = value;
  } else node[key] = value;
}

function valueOfPiece(piece: JsonObject): JsonValue {
  for (const name of ['stringValue', 'numberValue', 'boolValue'] as const) {
    const value = piece[name];
    if (value !== undefined) return value;
  }
  // A string that is just beginning may be empty, and empty strings are left out of Google's JSON.
  return piece['nullValue'] === undefined ? '' : null;
}

function grown(before: unknown, piece: JsonObject): string {
  return `${typeof before === 'string' ? before : ''}${stringOf(piece['stringValue'])}`;
}

function malformed(path: string): AttemptError {
  return new AttemptError('MALFORMED', `The provider sent arguments at a broken path, ${path.slice(0, 100)}.`);
}
