import type { Message, Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import { fitToolCallId, type ToolCallIdRule } from '../tool-call-id.ts';

/** OpenAI: "Expected a string with maximum length 40". Mistral: "must be a-z, A-Z, 0-9, with a length of 9". */
const RULES: Readonly<Record<Exclude<WireQuirks['toolCallIds'], undefined>, ToolCallIdRule>> = {
  'at-most-40': { pattern: /^[\s\S]{1,40}$/, length: 40 },
  'nine-alphanumerics': { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 },
};

/** What ids of calls the provider takes; OpenAI's rule where nothing else is known. */
export function toolCallIdRule({ toolCallIds = 'at-most-40' }: WireQuirks): ToolCallIdRule {
  return RULES[toolCallIds];
}

/** The ids that calls and their results go out under. A part that is not in it has no counterpart in the conversation. */
export type ToolLinks = ReadonlyMap<Part, string>;

interface OpenCall {
  readonly part: Part;
  readonly key: string;
  readonly name: string;
  /** Of its message. */
  readonly at: number;
}

/**
 * Ties calls to their results: by id, else by name, else by order. A call without an id gets one from its position. The
 * calls of the last message need no results yet; others without one, and results without a call, are refused by servers
 * of this format, so they are not in the answer.
 */
export function linkTools(messages: readonly Message[], rule: ToolCallIdRule): ToolLinks {
  const links = new Map<Part, string>();
  let open: OpenCall[] = [];
  for (const [at, { parts }] of messages.entries()) {
    for (const [position, part] of parts.entries()) {
      const { kind } = part;
      if (kind.case === 'toolCall' && !kind.value.providerExecuted) {
        open.push({ part, key: kind.value.id || `call_${at}_${position}`, name: kind.value.name, at });
      } else if (kind.case === 'toolResult' && !kind.value.providerExecuted) {
        const call = callOf(open, kind.value);
        if (call === undefined) continue;
        open = open.filter((other) => other !== call);
        const id = fitToolCallId(call.key, rule);
        links.set(call.part, id).set(part, id);
      }
    }
  }
  for (const { part, key, at } of open) if (at === messages.length - 1) links.set(part, fitToolCallId(key, rule));
  return links;
}

function callOf(open: readonly OpenCall[], result: { readonly callId: string; readonly name: string }) {
  if (result.callId !== '') return open.findLast(({ key }) => key === result.callId);
  return result.name === '' ? open[0] : open.find(({ name }) => name === result.name);
}
