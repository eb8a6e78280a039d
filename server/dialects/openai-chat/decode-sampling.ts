import { isJsonObject, numberOf } from '../../core/json.ts';
import { CHAT_LIMITS, isTokenBias } from '../chat-members.ts';
import type { GenerationMembers } from '../new-generation.ts';
import {
  type Bounds,
  MAX_UINT32,
  optional,
  optionalBoolean,
  optionalInteger,
  optionalStrings,
  type Place,
  wrongField,
} from '../read-fields.ts';

/**
 * The members that steer sampling. Numbers that the contract cannot hold but that servers of this format may take
 * (temperatures above 2, more alternatives for each token, -1 for no limit) stay in the raw body alone; only those that
 * cost money, n and large limits of tokens, are refused beyond their bounds, because what is reserved rests on them.
 */
export function decodeSampling(body: Place): GenerationMembers {
  const maxTokens = tokenLimit(body, 'max_tokens');
  const seed = within(body, 'seed', CHAT_LIMITS.seed, 'integer');
  return {
    maxOutputTokens: tokenLimit(body, 'max_completion_tokens') ?? maxTokens,
    temperature: within(body, 'temperature', CHAT_LIMITS.temperature),
    topP: within(body, 'top_p', CHAT_LIMITS.topP),
    topK: within(body, 'top_k', CHAT_LIMITS.topK, 'integer'),
    frequencyPenalty: within(body, 'frequency_penalty', CHAT_LIMITS.penalty),
    presencePenalty: within(body, 'presence_penalty', CHAT_LIMITS.penalty),
    seed: seed === undefined ? undefined : BigInt(seed),
    stop: stopTexts(body),
    n: optionalInteger(body, 'n', { min: 1, max: 128 }),
    logprobs: optionalBoolean(body, 'logprobs'),
    topLogprobs: within(body, 'top_logprobs', CHAT_LIMITS.topLogprobs, 'integer'),
    logitBias: logitBias(body),
  };
}

/** The number where the contract holds it; undefined where it does not. Throws where it is none. */
function within(body: Place, key: string, bounds: Bounds, kind: 'number' | 'integer' = 'number'): number | undefined {
  const value = optional(body, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) {
    throw wrongField(key, kind === 'integer' ? 'an integer' : 'a number', value);
  }
  return value < bounds.min || value > bounds.max ? undefined : value;
}

/** Servers take 0 or -1 for "as many as there is room for". */
function tokenLimit(body: Place, key: string): number | undefined {
  const value = optional(body, key);
  if (typeof value === 'number' && Number.isInteger(value) && value < 1) return undefined;
  return optionalInteger(body, key, { min: 1, max: MAX_UINT32 });
}

function stopTexts(body: Place): string[] {
  const stop = optional(body, 'stop');
  if (typeof stop === 'string') return stop === '' ? [] : [stop];
  if (stop === undefined || Array.isArray(stop)) {
    return (optionalStrings(body, 'stop') ?? []).filter((text) => text !== '');
  }
  throw wrongField('stop', 'a string or an array of strings', stop);
}

/** Biases by token id. llama.cpp takes a list of pairs, texts as names and false for "never": those stay in the raw body. */
function logitBias(body: Place): Record<string, number> | undefined {
  const bias = optional(body, 'logit_bias');
  if (bias === undefined || Array.isArray(bias)) return undefined;
  if (!isJsonObject(bias)) throw wrongField('logit_bias', 'an object', bias);
  const entries = Object.entries(bias).filter(isTokenBias);
  return Object.fromEntries(entries.map(([token, value]) => [token, numberOf(value) ?? 0]));
}
