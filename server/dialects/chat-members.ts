import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Losses } from './losses.ts';
import { type Bounds, MAX_UINT32 } from './read-fields.ts';

// What a body of OpenAI's chat API may ask for that the canonical request has no place for: members and values that only
// some servers of the format know. Within the format they go along in the body itself.

/** What the contract's fields of the same names can hold, which is what OpenAI's own models take. */
export const CHAT_LIMITS = {
  temperature: { min: 0, max: 2 },
  topP: { min: 0, max: 1 },
  topK: { min: 0, max: MAX_UINT32 },
  penalty: { min: -2, max: 2 },
  topLogprobs: { min: 0, max: 20 },
  seed: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
} as const satisfies Readonly<Record<string, Bounds>>;

/** Whether a member of logit_bias is one as the contract has it: a token's id and from -100 to 100. */
export function isTokenBias(entry: [string, JsonValue | undefined]): entry is [string, number] {
  const [token, value] = entry;
  return /^\d{1,10}$/.test(token) && typeof value === 'number' && Math.abs(value) <= 100;
}

type Test = (value: JsonValue) => boolean;

const outside =
  ({ min, max }: Bounds): Test =>
  (value) =>
    typeof value === 'number' && (value < min || value > max);
const otherThan =
  (words: readonly string[]): Test =>
  (value) =>
    !(typeof value === 'string' && words.includes(value));
const otherKindThan =
  (kinds: readonly string[]): Test =>
  (value) =>
    isJsonObject(value) && otherThan(kinds)(value['type'] ?? null);

const held: Test = () => false;

/** Members that the canonical request holds, or that mean nothing elsewhere, and which of their values it does not. */
const TOP_LEVEL: ReadonlyMap<string, Test> = new Map<string, Test>([
  ...[
    'model',
    'messages',
    'stream',
    'stream_options',
    'tools',
    'functions',
    'parallel_tool_calls',
    'max_tokens',
    'max_completion_tokens',
    'stop',
    'n',
    'logprobs',
    'modalities',
    'audio',
    'prediction',
    'service_tier',
    'prompt_cache_key',
    'user',
    'safety_identifier',
    'store',
    'metadata',
    'web_search_options',
  ].map((name): [string, Test] => [name, held]),
  ['temperature', outside(CHAT_LIMITS.temperature)],
  ['top_p', outside(CHAT_LIMITS.topP)],
  ['top_k', outside(CHAT_LIMITS.topK)],
  ['frequency_penalty', outside(CHAT_LIMITS.penalty)],
  ['presence_penalty', outside(CHAT_LIMITS.penalty)],
  ['top_logprobs', outside(CHAT_LIMITS.topLogprobs)],
  ['seed', outside(CHAT_LIMITS.seed)],
  ['logit_bias', (value) => !isBiasMap(value)],
  ['response_format', otherKindThan(['text', 'json_object', 'json_schema'])],
  ['tool_choice', (value) => isUnknownChoice(value)],
  ['function_call', (value) => isUnknownChoice(value)],
  ['reasoning_effort', otherThan(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])],
  ['verbosity', otherThan(['low', 'medium', 'high'])],
]);

function isBiasMap(value: JsonValue): boolean {
  return isJsonObject(value) && Object.entries(value).every(isTokenBias);
}

function isUnknownChoice(value: JsonValue): boolean {
  if (typeof value === 'string') return otherThan(['none', 'auto', 'required', 'any'])(value);
  return isJsonObject(value) && 'type' in value && otherKindThan(['function', 'custom', 'allowed_tools'])(value);
}

const MESSAGE: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'refusal',
  'audio',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'annotations',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'extra_content',
]);

/** Notes what of a chat body the canonical request does not hold. To be called where another format is written. */
export function noteUnheldChatMembers(body: JsonObject, losses: Losses): void {
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined || value === null) continue;
    const test = TOP_LEVEL.get(name);
    if (test === undefined) losses.dropped(name, `The format of this model's provider has no ${name}.`);
    else if (test(value)) losses.dropped(name, `This value of ${name} means nothing to the provider of this model.`);
  }
  if (Array.isArray(body['messages']))
    for (const [at, message] of body['messages'].entries()) noteMessage(message, at, losses);
}

function noteMessage(message: JsonValue, at: number, losses: Losses): void {
  if (!isJsonObject(message)) return;
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined || value === null || value === false || MESSAGE.has(name)) continue;
    losses.dropped(`messages[${at}].${name}`, `The format of this model's provider has no ${name} of messages.`);
  }
}
