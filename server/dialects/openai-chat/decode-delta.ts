import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { objectOf, stringOf } from '../read-answer.ts';
import { decodeAnnotations } from './annotations.ts';
import { wireCalls } from './answer-calls.ts';
import { audioBytes, contentPieces, imageParts } from './answer-parts.ts';
import {
  addThought,
  addToCall,
  addToRun,
  addWhole,
  annotate,
  beginAudio,
  type ChoiceSink,
  signText,
} from './choice-parts.ts';
import { decodeLogprobs } from './logprobs.ts';
import { isCallSignature, reasoningDetails, reasoningPart, reasoningText } from './reasoning.ts';
import { thoughtSignature } from './thought-signature.ts';

export interface ChoiceDelta {
  readonly delta: JsonObject;
  /** Of the choice, beside its delta. */
  readonly logprobs: JsonValue | undefined;
  readonly quirks: WireQuirks;
}

/** Turns one delta of a choice into events, in the order of the contract. */
export function addDelta(sink: ChoiceSink, { delta, logprobs, quirks }: ChoiceDelta): void {
  if (hasOnlyWords(delta)) {
    addWords(sink, delta, logprobs);
    return;
  }
  addThoughts(sink, delta, quirks);
  addWords(sink, delta, logprobs);
  signText(sink, thoughtSignature(delta));
  annotate(sink, decodeAnnotations(delta['annotations']));
  for (const part of imageParts(delta)) addWhole(sink, part);
  addSound(sink, objectOf(delta['audio']));
  for (const [position, call] of wireCalls(delta).entries()) addToCall(sink, call, position);
}

/** Most deltas have nothing but words. */
function hasOnlyWords(delta: JsonObject): boolean {
  for (const name in delta) {
    if (!WORDS.has(name) && delta[name] !== null) return false;
  }
  return true;
}

const WORDS: ReadonlySet<string> = new Set(['content', 'role', 'refusal']);

/** Details repeat the words of the plain member, so one of them is taken. */
function addThoughts(sink: ChoiceSink, delta: JsonObject, quirks: WireQuirks): void {
  const details = reasoningDetails(delta);
  const text = reasoningText(delta, quirks.reasoningField);
  if (text !== '' && !details.some((detail) => detail.text !== '')) {
    addToRun(sink, 'reasoning', { case: 'text', value: text });
  }
  for (const detail of details) {
    if (isCallSignature(detail)) sink.state.held.push(detail);
    else if (detail.redactedData !== '') addWhole(sink, reasoningPart(detail));
    else addThought(sink, detail);
  }
}

/** Empty texts come with roles and with calls; they say nothing unless they have log probabilities. */
function addWords(sink: ChoiceSink, delta: JsonObject, value: JsonValue | undefined): void {
  const logprobs = decodeLogprobs(value);
  for (const piece of contentPieces(delta['content'])) {
    if (piece.kind === 'part') addWhole(sink, piece.part);
    else if (piece.text !== '' || (logprobs?.content.length ?? 0) > 0) {
      addToRun(sink, piece.kind, { case: 'text', value: piece.text }, logprobs);
    }
  }
  const refusal = stringOf(delta['refusal']);
  if (refusal !== '') addToRun(sink, 'refusal', { case: 'text', value: refusal }, logprobs);
}

function addSound(sink: ChoiceSink, audio: JsonObject | undefined): void {
  if (audio === undefined) return;
  beginAudio(sink, stringOf(audio['id']));
  const transcript = stringOf(audio['transcript']);
  if (transcript !== '') addToRun(sink, 'audio', { case: 'transcript', value: transcript });
  const data = audioBytes(audio);
  if (data.length > 0) addToRun(sink, 'audio', { case: 'data', value: data });
}
