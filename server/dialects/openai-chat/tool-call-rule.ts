import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { ToolCallIdRule } from '../tool-call-id.ts';

/** OpenAI: "Expected a string with maximum length 40". Mistral: "must be a-z, A-Z, 0-9, with a length of 9". */
const RULES: Readonly<Record<Exclude<WireQuirks['toolCallIds'], undefined>, ToolCallIdRule>> = {
  'at-most-40': { pattern: /^[\s\S]{1,40}$/, length: 40 },
  'nine-alphanumerics': { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 },
};

/** What ids of calls the provider takes; OpenAI's rule where nothing else is known. */
export function toolCallIdRule({ toolCallIds = 'at-most-40' }: WireQuirks): ToolCallIdRule {
  return RULES[toolCallIds];
}
