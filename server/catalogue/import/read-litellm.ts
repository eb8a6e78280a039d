import { isJsonObject, type JsonObject } from '../../core/json.ts';
import {
  type ForeignList,
  type ForeignModel,
  type IgnoredEntry,
  isPlaceholder,
  memberOf,
  readCapabilities,
  readRates,
  textOf,
  tokensOf,
} from './foreign-model.ts';

// LiteLLM's list, model_prices_and_context_window.json of github.com/BerriAI/litellm: an object of models by name, prices in
// US dollars per token.

const SOURCE = 'https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json';

/** Presets by the values of litellm_provider. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['anthropic', 'anthropic'],
  ['azure', 'azure'],
  ['baseten', 'baseten'],
  ['bedrock', 'bedrock'],
  ['bedrock_converse', 'bedrock'],
  ['cerebras', 'cerebras'],
  ['cohere', 'cohere'],
  ['cohere_chat', 'cohere'],
  ['dashscope', 'alibaba'],
  ['deepinfra', 'deepinfra'],
  ['deepseek', 'deepseek'],
  ['fireworks_ai', 'fireworks'],
  ['gemini', 'gemini'],
  ['groq', 'groq'],
  ['hyperbolic', 'hyperbolic'],
  ['minimax', 'minimax'],
  ['mistral', 'mistral'],
  ['moonshot', 'moonshot'],
  ['nebius', 'nebius'],
  ['novita', 'novita'],
  ['nvidia_nim', 'nvidia'],
  ['openai', 'openai'],
  ['openrouter', 'openrouter'],
  ['ovhcloud', 'ovhcloud'],
  ['perplexity', 'perplexity'],
  ['sambanova', 'sambanova'],
  ['text-completion-openai', 'openai'],
  ['together_ai', 'together'],
  ['vercel_ai_gateway', 'vercel'],
  ['vertex_ai-anthropic_models', 'vertex-anthropic'],
  ['vertex_ai-language-models', 'vertex'],
  ['xai', 'xai'],
  ['zai', 'zai'],
]);

const MODES = new Set(['chat', 'completion', 'embedding', 'responses']);

const RATES = [
  ['input_cost_per_token', 'input'],
  ['output_cost_per_token', 'output'],
  ['cache_read_input_token_cost', 'cache_read'],
  ['cache_creation_input_token_cost', 'cache_write'],
  ['cache_creation_input_token_cost_above_1hr', 'cache_write_1h'],
  ['input_cost_per_audio_token', 'audio_input'],
  ['output_cost_per_audio_token', 'audio_output'],
] as const;

const CAPABILITIES = [
  ['supports_assistant_prefill', 'assistant_prefill'],
  ['supports_audio_input', 'audio'],
  ['supports_audio_output', 'audio_output'],
  ['supports_function_calling', 'tools'],
  ['supports_parallel_function_calling', 'parallel_tools'],
  ['supports_pdf_input', 'documents'],
  ['supports_prompt_caching', 'prompt_caching'],
  ['supports_reasoning', 'reasoning'],
  ['supports_response_schema', 'json_schema'],
  ['supports_video_input', 'video'],
  ['supports_vision', 'vision'],
] as const;

/** Prices are per token there, per million here: 6 places. */
const SHIFT = 6;

/** Reads LiteLLM's list. Never throws; what cannot be used is among the ignored, with why. */
export function readLiteLlm(list: JsonObject): ForeignList {
  const models: ForeignModel[] = [];
  const ignored: IgnoredEntry[] = [];
  for (const [name, entry] of Object.entries(list)) {
    const read = isJsonObject(entry) ? readEntry(name, entry) : 'it is not an object';
    if (typeof read === 'string') ignored.push({ name, reason: read });
    else models.push(read);
  }
  return { models, ignored };
}

/** The model, or why it is not taken. */
function readEntry(name: string, entry: JsonObject): ForeignModel | string {
  if (name === 'sample_spec') return 'it explains the format';
  const foreign = textOf(entry, 'litellm_provider') ?? '';
  const provider = PROVIDERS.get(foreign);
  if (provider === undefined) return `no preset serves "${foreign.slice(0, 64)}"`;
  const mode = textOf(entry, 'mode') ?? 'unknown';
  if (!MODES.has(mode)) return `its mode is ${mode.slice(0, 32)}, which Sluice does not price`;
  const id = name.startsWith(`${foreign}/`) ? name.slice(foreign.length + 1) : name;
  if (provider === 'bedrock' && id.includes('/')) return 'it is the price of one region or of a commitment';
  const base = readRates(entry, RATES, SHIFT);
  const tiers = readTiers(entry);
  const wrong = base.wrong ?? tiers.find((tier) => tier.wrong !== undefined)?.wrong;
  if (wrong !== undefined) return wrong;
  const notes = [base, ...tiers].flatMap((read) => read.notes);
  const free = isPlaceholder(base.rates);
  if (free) notes.push('its price is 0, which is taken as not known');
  const price = { source: textOf(entry, 'source') ?? SOURCE, ...base.rates };
  return { name, provider, row: rowOf(entry, { id, mode, price, tiers, priced: !free }), notes };
}

interface Parts {
  readonly id: string;
  readonly mode: string;
  readonly price: JsonObject;
  readonly tiers: readonly { readonly above: number; readonly rates: Readonly<Record<string, number>> }[];
  readonly priced: boolean;
}

function rowOf(entry: JsonObject, { id, mode, price, tiers, priced }: Parts): JsonObject {
  const contextLength = tokensOf(entry, 'max_input_tokens');
  const maxOutput = tokensOf(entry, 'max_output_tokens');
  const day = textOf(entry, 'deprecation_date');
  const known = priced && (Object.hasOwn(price, 'input') || Object.hasOwn(price, 'output'));
  const embeds = mode === 'embedding';
  return {
    id,
    ...(contextLength !== undefined && { context_length: contextLength }),
    ...(maxOutput !== undefined && !embeds && { max_output_tokens: maxOutput }),
    capabilities: { ...readCapabilities(entry, CAPABILITIES), ...(embeds && { embeddings: true }) },
    // Whether that is the day of the notice or the last one differs from row to row: it warns, it never refuses.
    ...(day !== undefined && { deprecated: day, lifecycle_source: SOURCE }),
    ...(known && {
      prices: [
        { ...price, ...(tiers.length > 0 && { tiers: tiers.map(({ above, rates }) => ({ above, ...rates })) }) },
      ],
    }),
  };
}

/** Members such as input_cost_per_token_above_200k_tokens, by length. */
function readTiers(entry: JsonObject) {
  const lengths = new Set(Object.keys(entry).flatMap((member) => /_above_(\d{1,5})k_tokens$/.exec(member)?.[1] ?? []));
  return [...lengths]
    .map((length) => ({ length, above: Number(length) * 1000 }))
    .sort((one, other) => one.above - other.above)
    .flatMap(({ length, above }) => {
      const names = RATES.map(([foreign, ours]): [string, string] => [`${foreign}_above_${length}k_tokens`, ours]);
      const read = readRates(entry, names, SHIFT);
      const empty = Object.keys(read.rates).length === 0 && read.wrong === undefined;
      return empty || above === 0 ? [] : [{ above, ...read }];
    });
}

/** Whether a parsed file looks like LiteLLM's list. */
export function looksLikeLiteLlm(list: JsonObject): boolean {
  return Object.values(list).some((entry) => isJsonObject(entry) && memberOf(entry, 'litellm_provider') !== undefined);
}
