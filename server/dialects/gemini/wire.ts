import { hash } from 'node:crypto';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { type Ending, exactly, type FinishWord, type FinishWords, nearly, wordFor } from '../finish-word.ts';
import { providerPath } from '../provider-path.ts';
import type { ToolCallIdRule } from '../tool-call-id.ts';

// The words of https://ai.google.dev/api/generate-content and what they are in the contract. Vertex AI speaks the same.

export const DIALECT = 'gemini';

/** Methods below a model, and what the quirks call their paths. */
export const METHOD_PATHS = {
  generateContent: '/models/{model}:generateContent',
  // Without alt=sse the answer is one JSON array that grows.
  streamGenerateContent: '/models/{model}:streamGenerateContent?alt=sse',
  countTokens: '/models/{model}:countTokens',
  embedContent: '/models/{model}:embedContent',
  batchEmbedContents: '/models/{model}:batchEmbedContents',
} as const;

const TUNED = 'tunedModels/';

/** A path with the model in its place. Resource names are taken apart: models/x and publishers/google/models/x are x. */
export function modelPath(path: string, model: string): string {
  if (!model.startsWith(TUNED)) return providerPath(path, plainModel(model));
  return providerPath(path.replace('/models/', `/${TUNED}`), model.slice(TUNED.length));
}

/** A model without the collections that Google writes before it. */
export function plainModel(model: string): string {
  return model.replace(/^(?:.*\/)?models\//s, '');
}

/** Why an answer ended, by Google's word. */
const FINISH_OF_WORD: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['STOP', FinishReason.STOP],
  ['MAX_TOKENS', FinishReason.LENGTH],
  ['SAFETY', FinishReason.CONTENT_FILTER],
  ['RECITATION', FinishReason.CONTENT_FILTER],
  ['BLOCKLIST', FinishReason.CONTENT_FILTER],
  ['PROHIBITED_CONTENT', FinishReason.CONTENT_FILTER],
  ['SPII', FinishReason.CONTENT_FILTER],
  ['IMAGE_SAFETY', FinishReason.CONTENT_FILTER],
  ['IMAGE_PROHIBITED_CONTENT', FinishReason.CONTENT_FILTER],
  ['IMAGE_RECITATION', FinishReason.CONTENT_FILTER],
  ['CONTINUATION', FinishReason.PAUSE],
]);

/**
 * Why an answer ended; unspecified where the provider does not say, which is not to be guessed. The format has no word
 * for an answer that ended to have functions called: it is STOP there.
 */
export function finishReasonOf(word: string, calls: boolean): FinishReason {
  if (word === '') return FinishReason.UNSPECIFIED;
  const reason = FINISH_OF_WORD.get(word) ?? FinishReason.OTHER;
  return reason === FinishReason.STOP && calls ? FinishReason.TOOL_CALLS : reason;
}

/** Words for what the model wrote and Google could not read: nothing of it comes with the answer. */
const MALFORMED: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
]);

/**
 * The failure that an answer is in which nothing is said because of that: another try, or another target, may do better.
 * undefined for other answers: what was said before stays, and the ending is OTHER.
 */
export function failureOfFinish(words: readonly string[], usage: Usage | undefined): AttemptError | undefined {
  const word = words.find((one) => MALFORMED.has(one));
  if (word === undefined || !words.every((one) => MALFORMED.has(one))) return undefined;
  return new AttemptError('MALFORMED', 'The model wrote what the provider could not read.', {
    providerCode: word,
    usage,
  });
}

const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: exactly(null),
  [FinishReason.STOP]: exactly('STOP'),
  [FinishReason.LENGTH]: exactly('MAX_TOKENS'),
  [FinishReason.TOOL_CALLS]: exactly('STOP'),
  [FinishReason.CONTENT_FILTER]: exactly('SAFETY'),
  [FinishReason.REFUSAL]: nearly('SAFETY'),
  [FinishReason.PAUSE]: nearly('OTHER'),
  [FinishReason.OTHER]: exactly('OTHER'),
};

/** The nearest of the format's words. */
export function finishWord({ reason }: Pick<Ending, 'reason'>): FinishWord {
  return wordFor(WORD_OF_FINISH, reason);
}

/** Ids of calls are Google's own or nobody's: it repeats what it is given. */
export const TOOL_CALL_ID: ToolCallIdRule = { pattern: /^[\w.:-]{1,64}$/, length: 40 };

/** Of this format's answers, and of calls of other formats that came without an id. */
const DERIVED_ID = /^(?:gcall(?:_[0-9a-f]{12})?|call)_\d{1,10}_\d{1,10}$/;

/**
 * An id for a call that has none, so that its result can refer to it: made of the answer's id, the candidate (or content)
 * and the call's position. It tells that it is made, because sent back it would be an id that the provider never gave.
 */
export function derivedCallId(answer: string, candidate: number, position: number): string {
  const salt = answer === '' ? '' : `_${hash('sha1', answer, 'hex').slice(0, 12)}`;
  return `gcall${salt}_${candidate}_${position}`;
}

export function isDerivedCallId(id: string): boolean {
  return DERIVED_ID.test(id);
}

/** Whether a part's signature is one that providers of this format can read. */
export function isOwn({ origin }: Part): boolean {
  return origin === '' || origin === DIALECT;
}
