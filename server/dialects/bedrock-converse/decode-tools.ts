import { create } from '@bufbuild/protobuf';
import {
  type Tool,
  type ToolChoice,
  ToolChoiceMode,
  ToolChoiceSchema,
  ToolSchema,
} from '../../../gen/sluice/v1/tool_pb.ts';
import {
  optionalObject,
  optionalObjects,
  optionalString,
  type Place,
  pathOf,
  requiredName,
  requiredObject,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { cacheControl } from './decode-blocks.ts';
import { DIALECT } from './wire.ts';

/** The tools of toolConfig. A cache point is a mark of the tool before it. Throws SluiceError INVALID_REQUEST. */
export function decodeTools(body: Place): Tool[] {
  const config = optionalObject(body, 'toolConfig');
  const tools: Tool[] = [];
  for (const place of (config && optionalObjects(config, 'tools')) ?? []) {
    const point = optionalObject(place, 'cachePoint');
    const last = tools.at(-1);
    if (point === undefined) tools.push(decodeTool(place));
    else if (last !== undefined) last.cacheControl = cacheControl(point);
  }
  return tools;
}

/** A kind that the format does not know is a tool that the provider runs itself. */
function decodeTool(place: Place): Tool {
  const spec = optionalObject(place, 'toolSpec');
  if (spec === undefined) {
    const [type = ''] = Object.keys(place.json);
    const configJson = textOfJson(place.json, place.path);
    return create(ToolSchema, { kind: { case: 'provider', value: { type, configJson, dialect: DIALECT } } });
  }
  const schema = requiredObject(requiredObject(spec, 'inputSchema'), 'json');
  const value = {
    name: requiredName(spec, 'name'),
    description: optionalString(spec, 'description') ?? '',
    parametersJsonSchema: textOfJson(schema.json, schema.path),
  };
  return create(ToolSchema, { kind: { case: 'function', value } });
}

/** toolChoice of toolConfig. Throws SluiceError INVALID_REQUEST. */
export function decodeToolChoice(body: Place): ToolChoice | undefined {
  const config = optionalObject(body, 'toolConfig');
  const choice = config && optionalObject(config, 'toolChoice');
  if (config === undefined || choice === undefined) return undefined;
  if (optionalObject(choice, 'auto')) return create(ToolChoiceSchema, { mode: ToolChoiceMode.AUTO });
  if (optionalObject(choice, 'any')) return create(ToolChoiceSchema, { mode: ToolChoiceMode.REQUIRED });
  const tool = optionalObject(choice, 'tool');
  if (tool === undefined) throw wrongField(pathOf(config, 'toolChoice'), 'auto, any or tool', choice.json);
  return create(ToolChoiceSchema, { mode: ToolChoiceMode.TOOL, toolName: requiredName(tool, 'name') });
}
