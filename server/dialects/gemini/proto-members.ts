import { asPlace, optionalObject, optionalObjects, type Place } from '../read-fields.ts';

/**
 * A message of a request with its members' names in camelCase. Google reads protobuf JSON, where generation_config is as
 * good as generationConfig; this is one level of it, because maps and JSON within messages have names of their own.
 */
export function protoMembers({ json, path }: Place): Place {
  const entries = Object.entries(json).map(([name, value]) => [camelCase(name), value] as const);
  return { json: Object.fromEntries(entries), path };
}

export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A member that is a message. */
export function optionalMessage(place: Place, key: string): Place | undefined {
  const inner = optionalObject(place, key);
  return inner === undefined ? undefined : protoMembers(inner);
}

/** A member that is a list of messages. */
export function optionalMessages(place: Place, key: string): readonly Place[] | undefined {
  return optionalObjects(place, key)?.map(protoMembers);
}

/** A value that must be a message. */
export function asMessage(value: Place['json'][string], path: string): Place {
  return protoMembers(asPlace(value, path));
}
