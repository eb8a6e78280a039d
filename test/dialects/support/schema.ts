import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApi } from './recordings.ts';

/** The document mixes OpenAPI 3.0's nullable into 3.1, where it means nothing: said here as the type it stands for. */
function withNullables(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNullables);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, discriminator: _, ...members } = value as Record<string, unknown>;
  const schema = Object.fromEntries(Object.entries(members).map(([key, member]) => [key, withNullables(member)]));
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** A validator for one schema of OpenAI's document. */
export function validatorOf(name: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(withNullables(openApi()) as object, 'openai');
  return ajv.compile({ $ref: `openai#/components/schemas/${name}` });
}
