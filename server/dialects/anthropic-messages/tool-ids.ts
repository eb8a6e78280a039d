import { fitToolCallId } from '../tool-call-id.ts';

/** What the API takes as an id of a call; its limit is not documented, 64 fits all that were seen. */
export const TOOL_ID_RULE = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 40 } as const;

/** The ids of a conversation's calls, as they are sent: fit for the format, and no two alike. */
export interface ToolIds {
  /** The id of the next call; where it has none, one from its place. */
  ofCall(id: string, place: string): string;
  /** The id of the call that a result answers: the last of that id, or the first without an id that has no result yet. */
  ofResult(id: string): string;
}

export function createToolIds(): ToolIds {
  const used = new Set<string>();
  const sent = new Map<string, string>();
  const nameless: string[] = [];
  return {
    ofCall(id, place) {
      // Providers without ids of their own repeat them in each answer; here they must differ.
      let fit = fitToolCallId(id || place, TOOL_ID_RULE);
      for (let count = 2; used.has(fit); count += 1) fit = fitToolCallId(`${id || place}#${count}`, TOOL_ID_RULE);
      used.add(fit);
      if (id === '') nameless.push(fit);
      else sent.set(id, fit);
      return fit;
    },
    ofResult(id) {
      if (id === '') return nameless.shift() ?? fitToolCallId('unknown', TOOL_ID_RULE);
      return sent.get(id) ?? fitToolCallId(id, TOOL_ID_RULE);
    },
  };
}
