import { create } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  type ChatResponse,
  ChatResponseSchema,
  type Choice,
  ChoiceSchema,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { decodeAnnotations } from './annotations.ts';
import { wireCalls } from './answer-calls.ts';
import { audioPart, contentPieces, imageParts, type Piece } from './answer-parts.ts';
import { inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import { reasoningParts } from './reasoning.ts';
import { usageOf } from './usage.ts';
import { DIALECT, finishReasonOf } from './wire.ts';

/**
 * An answer in one piece. Throws AttemptError: MALFORMED, EMPTY_RESPONSE without any choice, or what an error object
 * that came instead of choices says.
 */
export function decodeResponse(text: string, quirks: WireQuirks): DecodedResponse<ChatResponse> {
  const json = parseAnswer(text);
  const { choices } = json;
  if (!Array.isArray(choices)) {
    if (isComplaint(json)) throw inBandError(json);
    throw new AttemptError('MALFORMED', 'The provider sent an answer without choices.');
  }
  if (choices.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no choice.');
  const createTime = timeOf(json['created']);
  const usage = usageOf(json, quirks);
  const response = create(ChatResponseSchema, {
    id: stringOf(json['id']),
    model: stringOf(json['model']),
    choices: choices.map((choice: JsonValue, position) => choiceOf(choice, position, quirks)),
    serviceTier: stringOf(json['service_tier']),
    systemFingerprint: stringOf(json['system_fingerprint']),
    ...(createTime && { createTime }),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}

/** Seconds since 1970; undefined where the provider does not say. */
export function timeOf(created: JsonValue | undefined): Timestamp | undefined {
  const seconds = typeof created === 'number' ? countOf(Math.trunc(created)) : undefined;
  return seconds === undefined ? undefined : create(TimestampSchema, { seconds: BigInt(seconds) });
}

function choiceOf(value: JsonValue, position: number, quirks: WireQuirks): Choice {
  const json = objectOf(value);
  const message = objectOf(json?.['message']);
  if (json === undefined || message === undefined) {
    throw new AttemptError('MALFORMED', 'The provider sent a choice without a message.');
  }
  const index = countOf(json['index']) ?? position;
  const rawFinishReason = stringOf(json['finish_reason']);
  const logprobs = decodeLogprobs(json['logprobs']);
  return create(ChoiceSchema, {
    index,
    parts: messageParts(message, index, quirks),
    finishReason: finishReasonOf(rawFinishReason),
    rawFinishReason,
    ...(logprobs && { logprobs }),
  });
}

/** A message in the order of the contract: thoughts, words, pictures, sound, calls. Empty words are none. */
function messageParts(message: JsonObject, choice: number, quirks: WireQuirks): Part[] {
  const refusal = stringOf(message['refusal']);
  const audio = objectOf(message['audio']);
  const words = contentPieces(message['content']).flatMap(partOfPiece);
  return [
    ...reasoningParts(message, quirks.reasoningField),
    ...withAnnotations(words, message),
    ...(refusal === '' ? [] : partOfPiece({ kind: 'refusal', text: refusal })),
    ...imageParts(message),
    ...(audio === undefined ? [] : [audioPart(audio)]),
    ...wireCalls(message).map(({ id, name, input, custom }, position) =>
      create(PartSchema, {
        kind: {
          case: 'toolCall',
          value: {
            id: id || `call_${choice}_${position}`,
            name,
            input: { case: custom ? 'text' : 'argumentsJson', value: input },
          },
        },
      }),
    ),
  ];
}

function partOfPiece(piece: Piece): Part[] {
  if (piece.kind === 'part') return [piece.part];
  return piece.text === '' ? [] : [create(PartSchema, { kind: { case: piece.kind, value: { text: piece.text } } })];
}

/** The message's citations are about its text; they go to the last of its texts. */
function withAnnotations(words: Part[], message: JsonObject): Part[] {
  const last = words.findLast(({ kind }) => kind.case === 'text');
  if (last?.kind.case === 'text') last.kind.value.annotations.push(...decodeAnnotations(message['annotations']));
  return words;
}
