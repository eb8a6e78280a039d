import type { ResponseFormat } from '../../../gen/sluice/v1/generation_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { jsonInstruction } from '../json-instruction.ts';
import type { Losses } from '../losses.ts';
import { writableObject } from '../writable-object.ts';

/** What asks for an answer of a form. */
export interface EncodedFormat {
  /** The response_format member; undefined where nothing is asked, or it cannot be. */
  readonly format: JsonObject | undefined;
  /** To be told to the model; empty where nothing is to be said. */
  readonly instruction: string;
}

const PATH = 'generation.response_format';

/**
 * A form is refused beside tools or documents, and a schema with an object that has no required member: there the model is
 * asked in words. plain: the request has neither tools nor documents. Throws SluiceError INVALID_REQUEST where the schema is
 * no JSON object. https://docs.cohere.com/docs/structured-outputs
 */
export function encodeFormat(format: ResponseFormat | undefined, plain: boolean, losses: Losses): EncodedFormat {
  const kind = format?.kind;
  if (kind?.case === 'text') return { format: { type: 'text' }, instruction: '' };
  if (kind?.case !== 'jsonObject' && kind?.case !== 'jsonSchema') return { format: undefined, instruction: '' };
  if (!plain) {
    losses.emulated(PATH, 'JSON is asked for in words: answers have no form there beside tools or documents.');
    return { format: undefined, instruction: jsonInstruction(kind) };
  }
  if (kind.case === 'jsonObject' || kind.value.schemaJson === '') return { format: JSON_OBJECT, instruction: '' };
  const { description, schemaJson, strict } = kind.value;
  const path = `${PATH}.json_schema`;
  const schema = writableObject(schemaJson, `${path}.schema_json`);
  if (!canBeHeld(schema)) {
    losses.emulated(path, 'The schema is told in words: it has an object there whose members may all be missing.');
    return { format: JSON_OBJECT, instruction: jsonInstruction(kind) };
  }
  if (description !== '') losses.dropped(`${path}.description`, 'A form has no description there.');
  if (strict === false) losses.approximated(`${path}.strict`, 'Answers are always held to a schema there.');
  return { format: { ...JSON_OBJECT, json_schema: schema }, instruction: '' };
}

const JSON_OBJECT: JsonObject = { type: 'json_object' };

/** Whether each object of a schema, however deep, has a member that must be there; the root is one. */
function canBeHeld(schema: JsonObject): boolean {
  return schema['type'] === 'object' && hasRequired(schema);
}

function hasRequired(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.every((item: JsonValue) => hasRequired(item));
  if (!isJsonObject(value)) return true;
  const { type, required } = value;
  const bare = type === 'object' && !(Array.isArray(required) && required.length > 0);
  return !bare && Object.values(value).every(hasRequired);
}
