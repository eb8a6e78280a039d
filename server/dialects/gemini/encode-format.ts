import type { Generation, JsonSchemaFormat } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { jsonInstruction } from '../json-instruction.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { googleSchema } from './encode-tools.ts';
import type { ModelTraits } from './model-traits.ts';

/** What asks for an answer in JSON. */
export interface EncodedFormat {
  /** Members of generationConfig. */
  readonly members: JsonObject;
  /** To stand at the end of the systemInstruction; empty where nothing is to be said. */
  readonly instruction: string;
}

export interface FormatTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
}

/**
 * Older models answer "Function calling with a response mime type: 'application/json' is unsupported": they are asked in
 * words. Throws SluiceError INVALID_REQUEST where the schema is no JSON object.
 */
export function encodeFormat(generation: Generation, { losses, traits }: FormatTerms): EncodedFormat {
  const kind = generation.responseFormat?.kind;
  if (kind?.case === 'text') return { members: { responseMimeType: 'text/plain' }, instruction: '' };
  if (kind?.case !== 'jsonObject' && kind?.case !== 'jsonSchema') return { members: {}, instruction: '' };
  if (!traits.jsonBesideFunctions && mayCall(generation)) {
    losses.emulated(
      'generation.response_format',
      'JSON is asked for in words: this model takes no format beside tools.',
    );
    return { members: {}, instruction: jsonInstruction(kind) };
  }
  const schema = kind.case === 'jsonSchema' ? responseSchema(kind.value, losses) : {};
  return { members: { responseMimeType: 'application/json', ...schema }, instruction: '' };
}

function mayCall({ tools, toolChoice }: Generation): boolean {
  const callable = tools.some(({ kind }) => kind.case === 'function' || kind.case === 'custom');
  return callable && toolChoice?.mode !== ToolChoiceMode.NONE;
}

/** Name and description become the schema's own, where it has none. */
function responseSchema({ name, description, schemaJson }: JsonSchemaFormat, losses: Losses): JsonObject {
  const path = 'generation.response_format.json_schema';
  if (schemaJson === '') return {};
  const { title = name || undefined, ...given } = objectOfText(schemaJson, `${path}.schema_json`);
  const own = given['description'];
  if (description !== '' && own !== undefined && own !== description) {
    losses.dropped(`${path}.description`, 'The schema has a description of its own, which is sent.');
  }
  const whole = {
    ...(title !== undefined && { title }),
    ...(description !== '' && { description }),
    ...given,
  };
  return { responseJsonSchema: googleSchema(whole, `${path}.schema_json`, losses) };
}
