import type { JsonObject } from '../core/json.ts';
import { objectOfText } from './json-text.ts';
import type { Losses } from './losses.ts';

export interface ProviderOptionsInit {
  /** The canonical request's provider_options_json, and its path. */
  readonly options: Readonly<Record<string, string>>;
  readonly path: string;
  /** The keys that hold here, the weaker first. */
  readonly keys: readonly string[];
  /** Members that the gateway decides: routing, policies and bounds were applied to them already. */
  readonly reserved: ReadonlySet<string>;
  readonly losses: Losses;
}

/** The members that the caller wants set in the body for this format or provider. Throws SluiceError INVALID_REQUEST. */
export function readProviderOptions(init: ProviderOptionsInit): JsonObject {
  const members = init.keys.flatMap((key) => {
    const text = Object.hasOwn(init.options, key) ? init.options[key] : undefined;
    const path = `${init.path}[${JSON.stringify(key)}]`;
    return text === undefined
      ? []
      : Object.entries(objectOfText(text, path)).filter(([name]) => isAllowed(init, name, path));
  });
  return Object.fromEntries(members);
}

function isAllowed({ reserved, losses }: ProviderOptionsInit, name: string, path: string): boolean {
  if (!reserved.has(name)) return true;
  losses.dropped(`${path}.${name}`, `${name} cannot be set this way.`);
  return false;
}
