import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../errors/sluice-error.ts';

/** The members that provider_options_json sets for this format and provider; the provider's own go before the format's. */
export function providerOptions(
  options: Readonly<Record<string, string>>,
  where: { readonly dialect: string; readonly provider: string },
): JsonObject {
  return { ...optionsOf(options, where.dialect), ...optionsOf(options, where.provider) };
}

function optionsOf(options: Readonly<Record<string, string>>, key: string): JsonObject {
  const text = Object.hasOwn(options, key) ? options[key] : undefined;
  if (text === undefined || text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below, in the same words as for any other text that is no object.
  }
  const field = `provider_options_json["${key}"]`;
  throw new SluiceError('INVALID_REQUEST', `${field} must be the text of a JSON object.`, {
    param: field,
    metadata: { field },
  });
}
