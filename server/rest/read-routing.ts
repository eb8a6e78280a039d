import { fromJson } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { type RoutingPreferences, RoutingPreferencesSchema } from '../../gen/sluice/v1/gateway_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/** What the header x-sluice-routing holds, for those who wrote something else. */
export const ROUTING_WORDS =
  'a JSON object of sluice.v1.RoutingPreferences, as in {"only": ["openai"], "sort": "price", "data_collection": "deny"}';

const validator = createValidator();

/** Enums, with what their names begin with in the contract. */
const PREFIXES: Readonly<Record<string, string>> = {
  sort: 'ROUTING_SORT_',
  data_collection: 'DATA_COLLECTION_',
  dataCollection: 'DATA_COLLECTION_',
};

/** Preferences as ProtoJSON, with OpenRouter's spellings besides: enums in lower case, and zdr. Undefined where it is neither. */
export function readRouting(text: string): RoutingPreferences | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (!isJsonObject(json)) return undefined;
    const preferences = fromJson(RoutingPreferencesSchema, spelt(json));
    return validator.validate(RoutingPreferencesSchema, preferences).kind === 'valid' ? preferences : undefined;
  } catch {
    return undefined;
  }
}

type ProtoJson = Parameters<typeof fromJson>[1];

function spelt(json: JsonObject): ProtoJson {
  const members = Object.entries(json).map(([name, value]) => {
    const prefix = PREFIXES[name];
    if (name === 'zdr') return ['zero_data_retention', value];
    return [name, prefix === undefined ? value : fullName(value, prefix)];
  });
  return Object.fromEntries(members);
}

function fullName(value: JsonValue | undefined, prefix: string): JsonValue | undefined {
  if (typeof value !== 'string') return value;
  const upper = value.toUpperCase();
  return upper.startsWith(prefix) ? upper : `${prefix}${upper}`;
}
