import { toJson } from '@bufbuild/protobuf';
import { type Config, ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { entryPath, fieldPath, itemPath } from './config-path.ts';
import { isReference } from './resolve-secrets.ts';

/** A difference: a value in one configuration and in another, as JSON text; undefined where it is not there. */
export interface ConfigDifference {
  /** As in routes["fast"].targets["main"].weight. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * How two configurations differ, in the order of the contract's fields. Items of lists are matched by what names them, so that
 * one that is put in front of others is one difference; where the names are the same and their order is not, the order is.
 */
export function diffConfig(before: Config, after: Config): readonly ConfigDifference[] {
  return diffValues('', jsonOf(before), jsonOf(after));
}

/** A configuration as JSON text in the file's own words, with headers hidden that are no references. */
export function configJson(config: Config): string {
  return JSON.stringify(hideHeaders(jsonOf(config)), undefined, 2);
}

function jsonOf(config: Config): JsonValue {
  return toJson(ConfigSchema, config, { useProtoFieldName: true }) as JsonValue;
}

function diffValues(
  path: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly ConfigDifference[] {
  if (isJsonObject(before) && isJsonObject(after)) return diffObjects(path, before, after);
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(path, before, after);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, before: shown(path, before), after: shown(path, after) }];
}

function diffObjects(path: string, before: JsonObject, after: JsonObject): readonly ConfigDifference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => diffValues(memberPath(path, name), before[name], after[name]));
}

function memberPath(path: string, name: string): string {
  // Keys of maps are anybody's words; the names of fields are not.
  return MAP_FIELD.test(path) || !/^\w+$/.test(name) ? entryPath(path, name) : fieldPath(path, name);
}

/** The fields of the configuration that are maps. */
const MAP_FIELD = /\.(?:headers|labels|capabilities)$/;

function diffLists(
  path: string,
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): readonly ConfigDifference[] {
  const [old, young] = [named(before), named(after)];
  const byName = old !== undefined && young !== undefined;
  const [left, right] = byName ? [old, young] : [numbered(before), numbered(after)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const differences = names.flatMap((name) =>
    diffValues(
      typeof name === 'number' ? itemPath(path, name) : entryPath(path, name),
      left.get(name),
      right.get(name),
    ),
  );
  return byName ? [...differences, ...diffOrder(path, [...left.keys()], [...right.keys()])] : differences;
}

type Items = ReadonlyMap<string | number, JsonValue>;

function numbered(items: readonly JsonValue[]): Items {
  return new Map(items.map((item, at) => [at, item]));
}

/** The items by their names; undefined where one has none or shares it. */
function named(items: readonly JsonValue[]): Items | undefined {
  const byName = new Map<string, JsonValue>();
  for (const item of items) {
    const name = nameOf(item);
    if (name === undefined || byName.has(name)) return undefined;
    byName.set(name, item);
  }
  return byName;
}

/** What a message of the configuration goes by: keys an id, models and targets their address, all else a name. */
function nameOf(item: JsonValue): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const { id, name, route, provider, model } = item;
  if (typeof id === 'string') return id;
  if (typeof name === 'string') return name;
  if (typeof route === 'string') return route;
  return typeof provider === 'string' && typeof model === 'string' ? `${provider}/${model}` : undefined;
}

/** Whether what both have stands in another order, as the first target of a route does. */
function diffOrder(
  path: string,
  before: readonly (string | number)[],
  after: readonly (string | number)[],
): readonly ConfigDifference[] {
  const [left, right] = [before.filter((name) => after.includes(name)), after.filter((name) => before.includes(name))];
  if (left.every((name, at) => name === right[at])) return [];
  return [{ path: `${path}.order`, before: JSON.stringify(before), after: JSON.stringify(after) }];
}

function shown(path: string, value: JsonValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  const isHeader = /\.headers\[".*"\]$/s.test(path);
  return JSON.stringify(isHeader ? hideValue(value) : hideHeaders(value, /\.headers$/.test(path)));
}

/** Headers may hold what nobody should read; a reference to it is harmless. */
function hideHeaders(value: JsonValue, areHeaders = false): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => hideHeaders(item));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member = null]): [string, JsonValue] => [
    name,
    areHeaders ? hideValue(member) : hideHeaders(member, name === 'headers'),
  ]);
  return Object.fromEntries(members);
}

function hideValue(value: JsonValue): JsonValue {
  return typeof value === 'string' && !isReference(value) ? '[hidden]' : value;
}
