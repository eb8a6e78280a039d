import type { JsonObject, JsonValue } from '../core/json.ts';
import type { DatedPrice, ModelCard } from './model-card.ts';

/** A card as a row of a catalogue file; what is not known is left out. decodeCard reads the same card back. */
export function encodeCard(card: ModelCard): JsonObject {
  return withoutEmpty({
    id: card.id,
    aliases: card.aliases,
    name: card.name,
    context_length: card.contextLength,
    max_output_tokens: card.maxOutputTokens,
    input: card.input,
    output: card.output,
    capabilities: { ...card.capabilities },
    regions: card.regions,
    released: card.released,
    deprecated: card.deprecated,
    retires: card.retires,
    rerouted: card.rerouted ? true : undefined,
    successor: card.successor,
    lifecycle_source: card.lifecycleSource,
    prices: card.prices.map(encodePrice),
  });
}

function encodePrice({ from, hours, source, rates, fees, tiers }: DatedPrice): JsonObject {
  return withoutEmpty({
    from,
    hours: hours === undefined ? undefined : { ...hours },
    source,
    ...numbers(rates),
    ...numbers(fees),
    tiers: tiers.map((tier) => ({ above: tier.above, ...numbers(tier.rates) })),
  });
}

/** Amounts below a million dollars are whole numbers that JSON holds exactly. */
function numbers(amounts: Readonly<Record<string, bigint | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([name, nano]) => (nano === undefined ? [] : [[name, Number(nano)]])),
  );
}

function withoutEmpty(row: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && !isEmpty(value)));
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
