import { create } from '@bufbuild/protobuf';
import { type Annotation, type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { objectOf, stringOf } from '../read-answer.ts';
import { annotationsOfSources, decodeAnnotations } from './annotations.ts';
import { type WireCall, wireCalls } from './answer-calls.ts';
import type { Source } from './answer-extras.ts';
import { audioPart, contentPieces, imageParts, type Piece } from './answer-parts.ts';
import { messageThoughts, reasoningPart, splitCallSignatures } from './reasoning.ts';
import { thoughtSignature } from './thought-signature.ts';
import { DIALECT } from './wire.ts';

export interface MessageTerms {
  /** Of the choice, from 0. */
  readonly choice: number;
  readonly quirks: WireQuirks;
  /** Pages that the answer names beside its message. */
  readonly sources: readonly Source[];
}

/** A message of an answer in the order of the contract: thoughts, words, pictures, sound, calls. Empty words are none. */
export function messageParts(message: JsonObject, { choice, quirks, sources }: MessageTerms): Part[] {
  const refusal = stringOf(message['refusal']);
  const audio = objectOf(message['audio']);
  const calls = wireCalls(message).map((call, position) => ({ ...call, id: call.id || `call_${choice}_${position}` }));
  const { thoughts, signatures } = splitCallSignatures(
    messageThoughts(message, quirks.reasoningField),
    new Set(calls.map(({ id }) => id)),
  );
  const words = withSignature(contentPieces(message['content']).flatMap(partOfPiece), thoughtSignature(message));
  return [
    ...thoughts.map(reasoningPart),
    ...withAnnotations(words, annotationsOf(message, sources)),
    ...(refusal === '' ? [] : partOfPiece({ kind: 'refusal', text: refusal })),
    ...imageParts(message),
    ...(audio === undefined ? [] : [audioPart(audio)]),
    ...calls.map((call) => callPart(call, signatures.get(call.id))),
  ];
}

function callPart({ id, name, input, custom, signature }: WireCall, ofDetails: string | undefined): Part {
  const value = { id, name, input: { case: custom ? ('text' as const) : ('argumentsJson' as const), value: input } };
  const proof = signature || (ofDetails ?? '');
  const origin = signature === '' ? 'gemini' : DIALECT;
  return create(PartSchema, { kind: { case: 'toolCall', value }, ...(proof !== '' && { signature: proof, origin }) });
}

function partOfPiece(piece: Piece): Part[] {
  if (piece.kind === 'part') return [piece.part];
  return piece.text === '' ? [] : [create(PartSchema, { kind: { case: piece.kind, value: { text: piece.text } } })];
}

/** The message's signature is its last text's; a text of its own where there is none, which is how Gemini ends a turn. */
function withSignature(words: readonly Part[], signature: string): readonly Part[] {
  if (signature === '') return words;
  const last = words.findLast(({ kind }) => kind.case === 'text');
  if (last === undefined) {
    return [...words, create(PartSchema, { kind: { case: 'text', value: {} }, signature, origin: DIALECT })];
  }
  Object.assign(last, { signature, origin: DIALECT });
  return words;
}

function annotationsOf(message: JsonObject, sources: readonly Source[]): readonly Annotation[] {
  const own = decodeAnnotations(message['annotations']);
  return own.length > 0 ? own : annotationsOfSources(sources);
}

/** The message's citations are about its text; they go to the last of its texts. */
function withAnnotations(words: readonly Part[], annotations: readonly Annotation[]): readonly Part[] {
  const last = words.findLast(({ kind }) => kind.case === 'text');
  if (last?.kind.case === 'text') last.kind.value.annotations.push(...annotations);
  return words;
}
