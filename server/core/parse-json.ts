import { randomBytes } from 'node:crypto';
import type { JsonObject, JsonValue } from './json.ts';

// JSON.parse makes doubles of all numbers: 2^53 + 1 becomes 2^53, 1.0 becomes 1, 1e400 nothing at all. Its reviver could
// keep them, but takes a microsecond for each value of the text, odd or not.

/**
 * How a number begins that is written otherwise than it was read: one of 16 digits or more, with 0 as the last digit behind
 * the point, six zeros behind it or an exponent, or -0. Some that it finds are none.
 */
const ODD = String.raw`(?:-0(?![.\d])|-?(?:[\d.]{16}|\d+(?:\.(?:0{6}|\d*?(?:0(?!\d)|[eE]))|[eE])))`;

/** It may also be found within a string: that costs time alone. Linear, since a match begins at what stands before a value. */
const MAY_BE_ODD = new RegExp(String.raw`[[:,]\s*${ODD}`);

/** An odd number as a value, between strings. As names are strings, the text is JSON with a string in its place too. */
const NUMBER = new RegExp(
  String.raw`([[:,]\s*)(?=${ODD})(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,\]}])`,
  'g',
);

/** Begins the strings that stand for numbers while a text is parsed. No text can hold it, because nobody knows it. */
const MARK = randomBytes(16).toString('hex');

/** Each takes a microsecond. More of them are read as JSON.parse reads them. */
const MAX_ODD = 50_000;

/**
 * JSON text as a value. Of a member given twice the last one counts. Numbers that would be written otherwise than they
 * stand are kept as their text (JSON.rawJSON): JSON.stringify writes them as they were, numberOf reads them. Throws
 * SyntaxError.
 */
export function parseJson(text: string): JsonValue {
  if (!MAY_BE_ODD.test(text)) return JSON.parse(text);
  const marked = withMarks(text);
  return marked === text ? JSON.parse(text) : withoutMarks(parseMarked(marked, text));
}

/** Complaints of the parser quote the text, which must not be the marked one. */
function parseMarked(marked: string, text: string): JsonValue {
  try {
    return JSON.parse(marked);
  } catch {
    return JSON.parse(text);
  }
}

function withMarks(text: string): string {
  const pieces: string[] = [];
  let at = 0;
  let left = MAX_ODD;
  while (at < text.length && left > 0) {
    const open = text.indexOf('"', at);
    const between = open < 0 ? text.slice(at) : text.slice(at, open);
    left -= markNumbers(between, pieces, left);
    at = open < 0 ? text.length : endOfString(text, open);
    if (open >= 0) pieces.push(text.slice(open, at));
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

/** Adds what stands between two strings, at most so many of its odd numbers marked; how many were. */
function markNumbers(between: string, pieces: string[], most: number): number {
  let [at, marked] = [0, 0];
  NUMBER.lastIndex = 0;
  // The shortest has a colon before it and a brace behind it: :-0}
  while (between.length >= 4 && marked < most) {
    const match = NUMBER.exec(between);
    if (match === null) break;
    const [, before = '', number = ''] = match;
    if (String(Number(number)) === number) continue;
    marked += 1;
    pieces.push(between.slice(at, match.index), before, `"${MARK}${number}"`);
    at = NUMBER.lastIndex;
  }
  pieces.push(between.slice(at));
  return marked;
}

/** Behind the quote that closes a string; the text's end where none does. */
function endOfString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close >= 0; close = text.indexOf('"', close + 1)) {
    let slashes = close;
    while (text[slashes - 1] === '\\') slashes -= 1;
    if ((close - slashes) % 2 === 0) return close + 1;
  }
  return text.length;
}

type Node = JsonValue[] | Record<string, JsonValue>;

/** Puts the numbers in their places again. Not by recursion: JSON may be nested deeper than calls can be. */
function withoutMarks(root: JsonValue): JsonValue {
  const holder = [root];
  const open: Node[] = [holder];
  const numbers = new Map<string, JsonObject>();
  const visit = (value: JsonValue | undefined): JsonObject | undefined => {
    if (typeof value === 'object' && value !== null) open.push(value as Node);
    if (typeof value !== 'string' || !value.startsWith(MARK)) return undefined;
    const known = numbers.get(value) ?? JSON.rawJSON(value.slice(MARK.length));
    numbers.set(value, known);
    return known;
  };
  for (let node = open.pop(); node !== undefined; node = open.pop()) restore(node, visit);
  return holder[0] ?? null;
}

function restore(node: Node, visit: (value: JsonValue | undefined) => JsonObject | undefined): void {
  if (Array.isArray(node)) {
    for (let at = 0; at < node.length; at += 1) node[at] = visit(node[at]) ?? (node[at] as JsonValue);
    return;
  }
  for (const name of Object.keys(node)) {
    const number = visit(node[name]);
    if (number === undefined) continue;
    // A plain assignment would change the prototype where that is the member's name.
    Object.defineProperty(node, name, { value: number, enumerable: true, configurable: true, writable: true });
  }
}
