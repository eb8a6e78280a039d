/** A value of JSON, as parseJson makes it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of JSON. A missing member reads as undefined. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

declare global {
  // https://tc39.es/proposal-json-parse-with-source/, which TypeScript does not know yet.
  interface JSON {
    rawJSON(text: string): JsonObject;
    isRawJSON(value: unknown): boolean;
  }
}

/** Whether the value is an object of JSON. A number that is kept as its text is none. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** The value as a number, which may be infinite; undefined where it is none. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return JSON.isRawJSON(value) ? Number(JSON.stringify(value)) : undefined;
}
