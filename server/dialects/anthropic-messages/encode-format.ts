import type { Generation, JsonSchemaFormat } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { objectOfText } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { type EncodedTools, isForced } from './encode-tools.ts';
import type { ModelTraits } from './model-traits.ts';
import { strictSchema } from './strict-schema.ts';
import { JSON_TOOL } from './wire.ts';

/** What asks for an answer in JSON. */
export interface EncodedFormat extends EncodedTools {
  /** Of output_config; undefined where the provider cannot hold to a schema, or none is given. */
  readonly format: JsonObject | undefined;
  /** To stand at the end of the system prompt; empty where nothing is to be said. */
  readonly instruction: string;
}

export interface FormatTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  readonly quirks: WireQuirks;
}

const PATH = 'generation.response_format';
const ONLY_JSON = 'Answer with one JSON object and nothing else: no words around it, no code fence.';

/** Throws SluiceError INVALID_REQUEST where the schema is no JSON. */
export function encodeFormat({ responseFormat }: Generation, tools: EncodedTools, terms: FormatTerms): EncodedFormat {
  const plain: EncodedFormat = { ...tools, format: undefined, instruction: '' };
  const kind = responseFormat?.kind;
  if (kind?.case === 'jsonObject' || (kind?.case === 'jsonSchema' && kind.value.schemaJson === '')) {
    terms.losses.emulated(PATH, 'JSON without a schema is asked for in words.');
    return { ...plain, instruction: ONLY_JSON };
  }
  return kind?.case === 'jsonSchema' ? encodeSchema(kind.value, plain, terms) : plain;
}

function encodeSchema(format: JsonSchemaFormat, plain: EncodedFormat, terms: FormatTerms): EncodedFormat {
  const { losses, traits, quirks } = terms;
  const path = `${PATH}.json_schema`;
  const schema = objectOfText(format.schemaJson, `${path}.schema_json`);
  if (quirks.noStructuredOutput === true || !traits.structured) return emulate({ format, schema }, plain, losses);
  if (format.description !== '') losses.dropped(`${path}.description`, 'A format has no description there.');
  if (format.strict === false) losses.approximated(`${path}.strict`, 'Answers are always held to a schema there.');
  const kept = strictSchema(schema, `${path}.schema_json`);
  if (kept.weaker) losses.approximated(`${path}.schema_json`, 'Some bounds are told, but not enforced.');
  return { ...plain, format: { type: 'json_schema', schema: kept.schema } };
}

/** The schema as that of a tool which must be called; its input is the answer. A call that the caller forces is no answer. */
function emulate(
  { format, schema }: { readonly format: JsonSchemaFormat; readonly schema: JsonObject },
  plain: EncodedFormat,
  losses: Losses,
): EncodedFormat {
  if (isForced(plain.choice)) return plain;
  losses.emulated(`${PATH}.json_schema`, 'The answer is asked for as the input of a tool.');
  const description = format.description || 'Gives the final answer. Call it once, instead of writing words.';
  const own = plain.choice?.['type'] === 'none' ? [] : plain.tools;
  return {
    ...plain,
    tools: [...plain.tools, { name: JSON_TOOL, description, input_schema: { ...schema, type: 'object' } }],
    choice:
      own.length === 0
        ? { type: 'tool', name: JSON_TOOL, disable_parallel_tool_use: true }
        : { ...plain.choice, type: 'any' },
  };
}
