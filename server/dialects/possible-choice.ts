import { create } from '@bufbuild/protobuf';
import { type ToolChoice, ToolChoiceMode, ToolChoiceSchema } from '../../gen/sluice/v1/tool_pb.ts';
import type { Losses } from './losses.ts';

const PATH = 'generation.tool_choice';

/**
 * The choice of tools that can be made among those that are sent, by the names that a choice has for them; undefined where
 * there is none to make. Providers refuse a choice without tools, and the choice of a tool that is not there.
 */
export function possibleChoice(
  choice: ToolChoice | undefined,
  names: ReadonlySet<string>,
  losses: Losses,
): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  const { mode, toolName, allowedToolNames: allowed } = choice;
  const named = mode === ToolChoiceMode.TOOL;
  if (names.size === 0) {
    if (named || mode === ToolChoiceMode.REQUIRED) losses.dropped(PATH, 'There is no tool that could be called.');
    return undefined;
  }
  if (named) {
    if (names.has(toolName)) return choice;
    losses.dropped(`${PATH}.tool_name`, `There is no tool named ${toolName}.`);
    return undefined;
  }
  const allowedToolNames = allowed.filter((name) => names.has(name));
  if (allowedToolNames.length === allowed.length) return choice;
  losses.dropped(`${PATH}.allowed_tool_names`, 'Some of the tools that may be called are not there.');
  // With none of them left, another tool must not be called in their place.
  return create(
    ToolChoiceSchema,
    allowedToolNames.length > 0 ? { mode, allowedToolNames } : { mode: ToolChoiceMode.NONE },
  );
}
