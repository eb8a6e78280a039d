import { FinishReason } from '../../../../gen/sluice/v1/chat_service_pb.ts';
import { ReasoningEffort, Verbosity } from '../../../../gen/sluice/v1/generation_pb.ts';

/** reasoning_effort. Other words travel in the caller's own body alone. */
export const EFFORT_WORDS: ReadonlyMap<string, ReasoningEffort> = new Map([
  ['none', ReasoningEffort.NONE],
  ['minimal', ReasoningEffort.MINIMAL],
  ['low', ReasoningEffort.LOW],
  ['medium', ReasoningEffort.MEDIUM],
  ['high', ReasoningEffort.HIGH],
  ['xhigh', ReasoningEffort.XHIGH],
  ['max', ReasoningEffort.MAX],
]);

export const VERBOSITY_WORDS: ReadonlyMap<string, Verbosity> = new Map([
  ['low', Verbosity.LOW],
  ['medium', Verbosity.MEDIUM],
  ['high', Verbosity.HIGH],
]);

/** finish_reason: OpenAI's words, then those of providers that follow it (Mistral, DeepSeek, Hugging Face). */
const FINISH_WORDS: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', FinishReason.STOP],
  ['length', FinishReason.LENGTH],
  ['tool_calls', FinishReason.TOOL_CALLS],
  ['function_call', FinishReason.TOOL_CALLS],
  ['content_filter', FinishReason.CONTENT_FILTER],
  ['eos_token', FinishReason.STOP],
  ['stop_sequence', FinishReason.STOP],
  ['model_length', FinishReason.LENGTH],
]);

export function finishReason(word: string): FinishReason {
  return FINISH_WORDS.get(word) ?? FinishReason.OTHER;
}

const FINISH_REASONS: ReadonlyMap<FinishReason, string> = new Map([
  [FinishReason.STOP, 'stop'],
  [FinishReason.LENGTH, 'length'],
  [FinishReason.TOOL_CALLS, 'tool_calls'],
  [FinishReason.CONTENT_FILTER, 'content_filter'],
  [FinishReason.REFUSAL, 'stop'],
  [FinishReason.PAUSE, 'stop'],
]);

/** The word for a caller: one of OpenAI's, since SDKs know no others. */
export function finishWord(reason: FinishReason): string {
  return FINISH_REASONS.get(reason) ?? 'stop';
}

/** The word that a map gives a value. */
export function wordOf<T>(words: ReadonlyMap<string, T>, value: T): string | undefined {
  for (const [word, known] of words) if (known === value) return word;
  return undefined;
}
