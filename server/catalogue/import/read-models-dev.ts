import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { MODALITIES } from '../model-card.ts';
import {
  type ForeignList,
  type ForeignModel,
  type IgnoredEntry,
  isPlaceholder,
  memberOf,
  objectOf,
  readCapabilities,
  readRates,
  textOf,
  tokensOf,
} from './foreign-model.ts';

// models.dev's list, https://models.dev/api.json: providers by id, each with its models by id; prices in US dollars per
// million tokens.

const SOURCE = 'https://models.dev/api.json';

/** Presets by models.dev's ids of providers, where these differ. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'bedrock'],
  ['fireworks-ai', 'fireworks'],
  ['google', 'gemini'],
  ['google-vertex', 'vertex'],
  ['google-vertex-anthropic', 'vertex-anthropic'],
  ['moonshotai', 'moonshot'],
  ['novita-ai', 'novita'],
  ['togetherai', 'together'],
  ['zhipuai', 'zhipu'],
]);

/** Presets that models.dev has under the same id. */
const SAME = new Set([
  'alibaba',
  'anthropic',
  'azure',
  'baseten',
  'cerebras',
  'cohere',
  'deepinfra',
  'deepseek',
  'groq',
  'huggingface',
  'minimax',
  'mistral',
  'nebius',
  'nvidia',
  'openai',
  'openrouter',
  'ovhcloud',
  'perplexity',
  'sambanova',
  'scaleway',
  'siliconflow',
  'venice',
  'vercel',
  'xai',
  'zai',
]);

const RATES = [
  ['input', 'input'],
  ['output', 'output'],
  ['cache_read', 'cache_read'],
  ['cache_write', 'cache_write'],
  ['input_audio', 'audio_input'],
  ['output_audio', 'audio_output'],
] as const;

const CAPABILITIES = [
  ['reasoning', 'reasoning'],
  ['structured_output', 'json_schema'],
  ['temperature', 'temperature'],
  ['tool_call', 'tools'],
] as const;

/** Input modalities that are capabilities too. */
const SENSES: ReadonlyMap<string, string> = new Map([
  ['audio', 'audio'],
  ['image', 'vision'],
  ['pdf', 'documents'],
  ['video', 'video'],
]);

/** Reads models.dev's list. Never throws; what cannot be used is among the ignored, with why. */
export function readModelsDev(list: JsonObject): ForeignList {
  const models: ForeignModel[] = [];
  const ignored: IgnoredEntry[] = [];
  for (const [id, provider] of Object.entries(list)) {
    const preset = PROVIDERS.get(id) ?? (SAME.has(id) ? id : undefined);
    if (!isJsonObject(provider) || preset === undefined) {
      ignored.push({
        name: id,
        reason: isJsonObject(provider) ? 'no preset serves this provider' : 'it is not an object',
      });
      continue;
    }
    for (const [model, entry] of Object.entries(objectOf(provider, 'models'))) {
      const name = `${id}/${model}`;
      const read = isJsonObject(entry) ? readEntry({ name, id: model, preset }, entry) : 'it is not an object';
      if (typeof read === 'string') ignored.push({ name, reason: read });
      else models.push(read);
    }
  }
  return { models, ignored };
}

function readEntry(
  { name, id, preset }: { readonly name: string; readonly id: string; readonly preset: string },
  entry: JsonObject,
): ForeignModel | string {
  const cost = objectOf(entry, 'cost');
  const base = readRates(cost, RATES, 0);
  const tiers = readTiers(cost);
  const wrong = base.wrong ?? tiers.find((tier) => tier.wrong !== undefined)?.wrong;
  if (wrong !== undefined) return wrong;
  const free = isPlaceholder(base.rates);
  const limit = objectOf(entry, 'limit');
  const context = tokensOf(limit, 'context');
  const output = tokensOf(limit, 'output');
  const released = textOf(entry, 'release_date');
  const title = textOf(entry, 'name');
  const row = {
    id,
    ...(title !== undefined && { name: title }),
    ...(context !== undefined && { context_length: context }),
    ...(output !== undefined && { max_output_tokens: output }),
    ...modalitiesOf(entry),
    // Some rows know only the month.
    ...(released?.length === 10 && { released }),
    ...(Object.keys(base.rates).length > 0 &&
      !free && {
        prices: [
          {
            source: SOURCE,
            ...base.rates,
            ...(tiers.length > 0 && { tiers: tiers.map(({ above, rates }) => ({ above, ...rates })) }),
          },
        ],
      }),
  };
  const notes = [
    ...base.notes,
    ...tiers.flatMap((tier) => tier.notes),
    ...(free ? ['its price is 0, which is taken as not known'] : []),
  ];
  return { name, provider: preset, row, notes };
}

/** Prices of long prompts: a list by their length, or in older files one member for more than 200,000 tokens. */
function readTiers(cost: JsonObject) {
  const list = memberOf(cost, 'tiers');
  const rows: readonly (readonly [above: number | undefined, row: JsonObject])[] = Array.isArray(list)
    ? list.filter(isJsonObject).map((row) => [tokensOf(objectOf(row, 'tier'), 'size'), row])
    : [[200_000, objectOf(cost, 'context_over_200k')]];
  return rows
    .flatMap(([above, row]) => {
      const read = readRates(row, RATES, 0);
      const empty = Object.keys(read.rates).length === 0 && read.wrong === undefined;
      return above === undefined || empty ? [] : [{ above, ...read }];
    })
    .sort((one, other) => one.above - other.above);
}

/** Modalities and what follows from them. A sense that is not listed is not had. */
function modalitiesOf(entry: JsonObject): JsonObject {
  const modalities = objectOf(entry, 'modalities');
  const input = known(memberOf(modalities, 'input'));
  const output = known(memberOf(modalities, 'output'));
  const senses = input.length === 0 ? [] : [...SENSES].map(([modality, name]) => [name, input.includes(modality)]);
  return {
    ...(input.length > 0 && { input }),
    ...(output.length > 0 && { output }),
    capabilities: { ...readCapabilities(entry, CAPABILITIES), ...Object.fromEntries(senses) },
  };
}

function known(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? MODALITIES.filter((modality) => value.includes(modality)) : [];
}
