import { create } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type ChatResponse,
  ChatResponseSchema,
  type Choice,
  ChoiceSchema,
  FinishReason,
} from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part, TextPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, objectsOf, parseExactAnswer, stringOf } from '../read-answer.ts';
import { annotationAt, byteIndex, citedBy } from './annotations.ts';
import { addExtras, createAnswerExtras, encodeExtras } from './answer-extras.ts';
import { inBandError } from './error.ts';
import { decodeLogprobs } from './logprobs.ts';
import { readPart } from './read-part.ts';
import { decodeTier, decodeUsage } from './usage.ts';
import { DIALECT, derivedCallId, failureOfFinish, finishReasonOf } from './wire.ts';

/**
 * An answer in one piece. A prompt that Google refuses is an answer too, without words and with the finish reason
 * CONTENT_FILTER: it comes with status 200 and has been paid for, and it is what callers of other formats look for.
 * Throws AttemptError: MALFORMED, also where the model called what is not there and said nothing else, EMPTY_RESPONSE without any candidate, or what an error object says.
 */
export function decodeResponse(text: string): DecodedResponse<ChatResponse> {
  const json = parseExactAnswer(text);
  if (isComplaint(json)) throw inBandError(json);
  const answerId = stringOf(json['responseId']);
  const usage = decodeUsage(json['usageMetadata']);
  const createTime = createTimeOf(json);
  const choices = choicesOf(json, answerId);
  const silent = choices.every(({ parts }) => parts.length === 0);
  const failure = silent
    ? failureOfFinish(
        choices.map(({ rawFinishReason: word }) => word),
        usage,
      )
    : undefined;
  if (failure !== undefined) throw failure;
  const extras = createAnswerExtras();
  addExtras(extras, json);
  const response = create(ChatResponseSchema, {
    id: answerId,
    model: stringOf(json['modelVersion']),
    choices,
    serviceTier: decodeTier(json['usageMetadata']),
    providerExtrasJson: encodeExtras(extras),
    ...(createTime && { createTime }),
    ...(usage && { usage }),
  });
  return { response, wire: { dialect: DIALECT, json, text } };
}

/** Why the prompt was refused; empty where it was not. */
export function blockReasonOf(json: JsonObject): string {
  return stringOf(objectOf(json['promptFeedback'])?.['blockReason']);
}

/** Vertex AI says when it made the answer. */
export function createTimeOf(json: JsonObject): Timestamp | undefined {
  const time = Date.parse(stringOf(json['createTime']));
  return Number.isNaN(time) ? undefined : timestampFromMs(time);
}

function choicesOf(json: JsonObject, answerId: string): Choice[] {
  const { candidates } = json;
  if (candidates !== undefined && !Array.isArray(candidates)) {
    throw new AttemptError('MALFORMED', 'The provider sent candidates that are no array.');
  }
  const choices = objectsOf(candidates).map((candidate, position) => choiceOf(candidate, position, answerId));
  if (choices.length > 0) return choices;
  const rawFinishReason = blockReasonOf(json);
  if (rawFinishReason === '') throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no candidate.');
  return [create(ChoiceSchema, { finishReason: FinishReason.CONTENT_FILTER, rawFinishReason })];
}

function choiceOf(candidate: JsonObject, position: number, answerId: string): Choice {
  const index = countOf(candidate['index']) ?? position;
  const rawFinishReason = stringOf(candidate['finishReason']);
  const logprobs = decodeLogprobs(candidate['logprobsResult']);
  const parts = partsOf(candidate, index, answerId);
  const calls = parts.some(({ kind }) => kind.case === 'toolCall');
  return create(ChoiceSchema, {
    index,
    parts,
    finishReason: finishReasonOf(rawFinishReason, calls),
    rawFinishReason,
    ...(logprobs && { logprobs }),
  });
}

/** A text of the answer, by its index among the candidate's parts. */
interface PlacedText {
  readonly at: number;
  readonly value: TextPart;
}

/** The parts in their order, those that say nothing left out, with what their statements are based on. */
function partsOf(candidate: JsonObject, choice: number, answerId: string): Part[] {
  const texts: PlacedText[] = [];
  let calls = 0;
  const parts = objectsOf(objectOf(candidate['content'])?.['parts']).flatMap((json, at): Part[] => {
    const part = readPart(json, derivedCallId(answerId, choice, calls));
    const { kind } = part;
    if (kind.case === 'toolCall') calls += 1;
    if (kind.case === 'text') texts.push({ at, value: kind.value });
    return isNothing(part) ? [] : [part];
  });
  annotate(texts, candidate);
  return parts;
}

export function isNothing({ kind, signature }: Part): boolean {
  return (kind.case === 'text' || kind.case === 'reasoning') && kind.value.text === '' && signature === '';
}

/** Places count from their part's beginning where it is named, else from that of the whole text. */
function annotate(texts: readonly PlacedText[], candidate: JsonObject): void {
  const cited = citedBy(candidate);
  if (cited.length === 0 || texts.length === 0) return;
  const whole = texts.map(({ value }) => value.text).join('');
  const unitOf = byteIndex(whole);
  for (const { kind, start, end, partIndex } of cited) {
    const before = texts.filter(({ at }) => at < partIndex).map(({ value }) => value.text);
    const base = Buffer.byteLength(before.join(''), 'utf8');
    const from = unitOf(base + (start ?? 0));
    const { value, offset } = textAt(texts, from);
    const to = Math.min(unitOf(base + (end ?? 0)) - offset, value.text.length);
    value.annotations.push(annotationAt(kind, start === undefined ? undefined : { start: from - offset, end: to }));
  }
}

/** The text that such a position of all of them lies in, and where it begins. There is at least one. */
function textAt(texts: readonly PlacedText[], position: number): { readonly value: TextPart; readonly offset: number } {
  let offset = 0;
  for (const { value } of texts) {
    if (position < offset + value.text.length) return { value, offset };
    offset += value.text.length;
  }
  const last = texts.at(-1);
  if (last === undefined) throw new Error('a citation without a text');
  return { value: last.value, offset: offset - last.value.text.length };
}
