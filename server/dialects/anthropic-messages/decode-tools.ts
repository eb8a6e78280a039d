import { create } from '@bufbuild/protobuf';
import {
  type Tool,
  type ToolChoice,
  ToolChoiceMode,
  ToolChoiceSchema,
  ToolSchema,
} from '../../../gen/sluice/v1/tool_pb.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredObject,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { decodeCacheControl } from './decode-blocks.ts';
import { DIALECT, TOOL_MODE_OF_WORD } from './wire.ts';

/** Throws SluiceError INVALID_REQUEST. */
export function decodeTools(body: Place): Tool[] {
  return (optionalObjects(body, 'tools') ?? []).map((place) => {
    const cacheControl = decodeCacheControl(place);
    return create(ToolSchema, { kind: kindOf(place), ...(cacheControl && { cacheControl }) });
  });
}

/** Tools without a type, or of the type custom, are the caller's functions; all others have a form that Anthropic gave them. */
function kindOf(place: Place): Tool['kind'] {
  const type = optionalString(place, 'type') ?? 'custom';
  const { kind } = create(ToolSchema, { kind: type === 'custom' ? functionKind(place) : providerKind(place, type) });
  return kind;
}

function functionKind(place: Place) {
  const schema = requiredObject(place, 'input_schema');
  const strict = optionalBoolean(place, 'strict');
  const value = {
    name: requiredName(place, 'name'),
    description: optionalString(place, 'description') ?? '',
    parametersJsonSchema: textOfJson(schema.json, schema.path),
    ...(strict === undefined ? {} : { strict }),
  };
  return { case: 'function' as const, value };
}

function providerKind(place: Place, type: string) {
  const { type: _, name: _name, cache_control: _mark, ...config } = place.json;
  const name = optionalString(place, 'name') ?? '';
  const configJson = Object.keys(config).length === 0 ? '' : textOfJson(config, place.path);
  return { case: 'provider' as const, value: { type, name, configJson, dialect: DIALECT } };
}

/** What is said of calling tools. */
export interface DecodedChoice {
  readonly toolChoice: ToolChoice | undefined;
  /** Undefined: the provider's default. */
  readonly parallelToolCalls: boolean | undefined;
}

/** Throws SluiceError INVALID_REQUEST. */
export function decodeToolChoice(body: Place): DecodedChoice {
  const place = optionalObject(body, 'tool_choice');
  if (place === undefined) return { toolChoice: undefined, parallelToolCalls: undefined };
  const word = requiredString(place, 'type');
  const mode = TOOL_MODE_OF_WORD.get(word);
  if (mode === undefined) {
    throw wrongField(pathOf(place, 'type'), `one of ${[...TOOL_MODE_OF_WORD.keys()].join(', ')}`, word);
  }
  const toolName = mode === ToolChoiceMode.TOOL ? requiredName(place, 'name') : '';
  const disabled = optionalBoolean(place, 'disable_parallel_tool_use');
  return {
    toolChoice: create(ToolChoiceSchema, { mode, toolName }),
    parallelToolCalls: disabled === undefined ? undefined : !disabled,
  };
}
