import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { CacheTtl } from '../../../gen/sluice/v1/content_pb.ts';
import { ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { type Ending, exactly, type FinishWord, type FinishWords, nearly, wordFor } from '../finish-word.ts';

// The words of https://platform.claude.com/docs/en/api/messages and what they are in the contract.

export const DIALECT = 'anthropic-messages';

/** Below the provider's base URL, which ends in /v1 at Anthropic. */
export const MESSAGES_PATH = '/messages';
export const COUNT_TOKENS_PATH = '/messages/count_tokens';

export const VERSION_HEADER = 'anthropic-version';
export const BETA_HEADER = 'anthropic-beta';
/**
 * What is sent where the caller's own request does not say: the later version, 2026-10-21, differs in that it refuses
 * temperature, top_p and top_k for models that take them. https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
export const DEFAULT_VERSION = '2023-06-01';
/** A body with this member says the version there, as Google's and Amazon's servers want it; no header goes out then. */
export const VERSION_FIELD = 'anthropic_version';

/**
 * The tool that a model must call where the provider cannot hold an answer to a schema. So named that no caller's tool has
 * the name: the answer is then known by it without a memory of the request.
 */
export const JSON_TOOL = 'sluice_json';

/** The words that Anthropic has, in the order of the contract's meaning. */
const FINISH_OF_WORD: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['end_turn', FinishReason.STOP],
  ['stop_sequence', FinishReason.STOP],
  ['max_tokens', FinishReason.LENGTH],
  ['model_context_window_exceeded', FinishReason.LENGTH],
  ['tool_use', FinishReason.TOOL_CALLS],
  ['pause_turn', FinishReason.PAUSE],
  ['compaction', FinishReason.PAUSE], // asked for by pause_after_compaction
  ['refusal', FinishReason.REFUSAL],
]);

/** Why an answer ended; unspecified where the provider does not say, which is not to be guessed. */
export function finishReasonOf(word: string): FinishReason {
  return word === '' ? FinishReason.UNSPECIFIED : (FINISH_OF_WORD.get(word) ?? FinishReason.OTHER);
}

/**
 * What stops an answer for its content is a refusal there, whoever stopped it. An answer that ended for a reason that
 * nobody here knows is not whole: of the words, max_tokens says so.
 */
const WORD_OF_FINISH: FinishWords = {
  [FinishReason.UNSPECIFIED]: exactly(null),
  [FinishReason.STOP]: exactly('end_turn'),
  [FinishReason.LENGTH]: exactly('max_tokens'),
  [FinishReason.TOOL_CALLS]: exactly('tool_use'),
  [FinishReason.CONTENT_FILTER]: exactly('refusal'),
  [FinishReason.REFUSAL]: exactly('refusal'),
  [FinishReason.PAUSE]: exactly('pause_turn'),
  [FinishReason.OTHER]: nearly('max_tokens'),
};

/** The format's word for an ending; the provider's own where it is one of this format. */
export function finishWord({ reason, rawReason, stopSequence }: Ending): FinishWord {
  if (rawReason !== '' && FINISH_OF_WORD.get(rawReason) === reason) return exactly(rawReason);
  if (reason === FinishReason.STOP && stopSequence !== '') return exactly('stop_sequence');
  return wordFor(WORD_OF_FINISH, reason);
}

/** minimal has no word here, none is not an effort but thinking turned off. */
export const EFFORT_OF_WORD: ReadonlyMap<string, ReasoningEffort> = new Map<string, ReasoningEffort>([
  ['low', ReasoningEffort.LOW],
  ['medium', ReasoningEffort.MEDIUM],
  ['high', ReasoningEffort.HIGH],
  ['xhigh', ReasoningEffort.XHIGH],
  ['max', ReasoningEffort.MAX],
]);

export const TOOL_MODE_OF_WORD: ReadonlyMap<string, ToolChoiceMode> = new Map<string, ToolChoiceMode>([
  ['auto', ToolChoiceMode.AUTO],
  ['any', ToolChoiceMode.REQUIRED],
  ['tool', ToolChoiceMode.TOOL],
  ['none', ToolChoiceMode.NONE],
]);

export const TTL_OF_WORD: ReadonlyMap<string, CacheTtl> = new Map<string, CacheTtl>([
  ['5m', CacheTtl.CACHE_TTL_5M],
  ['1h', CacheTtl.CACHE_TTL_1H],
]);

/** Anthropic's classes of service for requests, and the contract's words. */
export const TIER_OF_WORD: ReadonlyMap<string, string> = new Map([
  ['auto', 'auto'],
  ['standard_only', 'default'],
]);

/** The first word of a map for a value; undefined for values without a word. */
export function wordOf<T>(words: ReadonlyMap<string, T>, value: T): string | undefined {
  for (const [word, meaning] of words) if (meaning === value) return word;
  return undefined;
}

/** Blocks of tools that Anthropic runs: calls of them, and results, whose types all end alike. */
const PROVIDER_CALLS: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use']);

export function isProviderCall(type: string): boolean {
  return PROVIDER_CALLS.has(type);
}

export function isProviderResult(type: string): boolean {
  return /^[a-z_]+_tool_result$/.test(type);
}
