import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type Model,
  type ModelPrice,
  ModelPriceSchema,
  type PriceRatesSchema,
} from '../../gen/sluice/v1/model_service_pb.ts';
import type { Capability, DatedPrice, ModelCard, Rates } from '../catalogue/model-card.ts';

/** The facts of a model as the contract tells them. */
export type ModelFactsInit = Partial<Omit<Model, 'id' | 'ownedBy' | 'createTime' | '$typeName' | '$unknown'>>;

/** What the catalogue knows of one model. */
export function describeModel(card: ModelCard): ModelFactsInit {
  return {
    displayName: card.name ?? '',
    ...limitsOf(card),
    capabilities: { ...card.capabilities },
    inputModalities: [...card.input],
    outputModalities: [...card.output],
    regions: [...card.regions],
    prices: card.prices.map(describePrice),
    ...(card.deprecated !== undefined && { deprecationTime: startOf(card.deprecated) }),
    ...(card.retires !== undefined && { retirementTime: startOf(card.retires) }),
    successor: card.successor ?? '',
  };
}

/** What may be relied on whichever of several models answers. Nothing where one of them is not known. */
export function describeShared(cards: readonly (ModelCard | undefined)[]): ModelFactsInit {
  const known = cards.filter((card) => card !== undefined);
  if (known.length === 0 || known.length < cards.length) return {};
  return {
    ...limitsOf({
      contextLength: least(known.map(({ contextLength }) => contextLength)),
      maxOutputTokens: least(known.map(({ maxOutputTokens }) => maxOutputTokens)),
    }),
    capabilities: sharedCapabilities(known),
  };
}

function sharedCapabilities(cards: readonly ModelCard[]): Record<string, boolean> {
  const shared: Record<string, boolean> = {};
  for (const name of new Set(cards.flatMap(({ capabilities }) => Object.keys(capabilities) as Capability[]))) {
    const each = cards.map(({ capabilities }) => capabilities[name]);
    if (each.includes(false)) shared[name] = false;
    else if (!each.includes(undefined)) shared[name] = true;
  }
  return shared;
}

function limitsOf({ contextLength, maxOutputTokens }: Pick<ModelCard, 'contextLength' | 'maxOutputTokens'>) {
  return {
    ...(contextLength !== undefined && { contextLength }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

function least(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === numbers.length ? Math.min(...known) : undefined;
}

function describePrice({ from, hours, source, rates, fees, tiers }: DatedPrice): ModelPrice {
  return create(ModelPriceSchema, {
    ...(from !== undefined && { effectiveTime: startOf(from) }),
    hoursFrom: hours?.from ?? '',
    hoursTo: hours?.to ?? '',
    source,
    rates: ratesOf(rates),
    tiers: tiers.map((tier) => ({ aboveInputTokens: BigInt(tier.above), rates: ratesOf(tier.rates) })),
    ...(fees.request !== undefined && { requestNanoUsd: fees.request }),
    ...(fees.web_search !== undefined && { webSearchNanoUsd: fees.web_search }),
  });
}

/** The rates under the contract's names. An unset one stays unset. */
function ratesOf(rates: Rates): MessageInitShape<typeof PriceRatesSchema> {
  const names = Object.keys(rates) as (keyof Rates)[];
  return Object.fromEntries(names.map((name) => [RATE_FIELDS[name], rates[name]]));
}

const RATE_FIELDS = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite',
  cache_write_1h: 'cacheWrite1h',
  audio_input: 'audioInput',
  audio_output: 'audioOutput',
  audio_cache_read: 'audioCacheRead',
  image_input: 'imageInput',
  image_output: 'imageOutput',
  video_input: 'videoInput',
} as const satisfies Record<keyof Rates, keyof MessageInitShape<typeof PriceRatesSchema>>;

function startOf(day: string): Timestamp {
  return timestampFromMs(Date.parse(`${day}T00:00:00Z`));
}
