import type { Generation, JsonSchemaFormat } from '../../../gen/sluice/v1/generation_pb.ts';
import type { Losses } from '../losses.ts';
import { writableObject } from '../writable-object.ts';
import type { EncodedTools } from './encode-tools.ts';
import { JSON_TOOL } from './wire.ts';

/** What asks for an answer in JSON. */
export interface EncodedFormat extends EncodedTools {
  /** To stand at the end of the system prompt; empty where nothing is to be said. */
  readonly instruction: string;
}

const PATH = 'generation.response_format';
const ONLY_JSON = 'Answer with one JSON object and nothing else: no words around it, no code fence.';

/** A schema becomes that of a tool which must be called. Throws SluiceError INVALID_REQUEST where it is no JSON. */
export function encodeFormat({ responseFormat }: Generation, tools: EncodedTools, losses: Losses): EncodedFormat {
  const plain: EncodedFormat = { ...tools, instruction: '' };
  const kind = responseFormat?.kind;
  if (kind?.case === 'jsonObject' || (kind?.case === 'jsonSchema' && kind.value.schemaJson === '')) {
    losses.emulated(PATH, 'JSON without a schema is asked for in words.');
    return { ...plain, instruction: ONLY_JSON };
  }
  return kind?.case === 'jsonSchema' ? encodeSchema(kind.value, plain, losses) : plain;
}

function encodeSchema(format: JsonSchemaFormat, plain: EncodedFormat, losses: Losses): EncodedFormat {
  const path = `${PATH}.json_schema`;
  const schema = writableObject(format.schemaJson, `${path}.schema_json`);
  if (plain.choice !== undefined) {
    losses.dropped(path, 'The answer is a call that the request asks for, so it has no form of its own.');
    return plain;
  }
  losses.emulated(path, 'The answer is asked for as the input of a tool.');
  const description = format.description || 'Gives the final answer. Call it once, instead of writing words.';
  const tool = { toolSpec: { name: JSON_TOOL, description, inputSchema: { json: { ...schema, type: 'object' } } } };
  const alone = plain.tools.length === 0 || plain.mute;
  return {
    ...plain,
    tools: [...plain.tools, tool],
    chosenFor: PATH,
    choice: alone ? { kind: 'tool', name: JSON_TOOL } : { kind: 'any' },
  };
}
