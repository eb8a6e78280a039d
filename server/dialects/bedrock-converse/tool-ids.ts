import { fitToolCallId, type ToolCallIdRule } from '../tool-call-id.ts';
import type { ModelTraits } from './model-traits.ts';

/** What is taken as an id of a call: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html */
const RULES: Readonly<Record<ModelTraits['toolIds'], ToolCallIdRule>> = {
  usual: { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 40 },
  mistral: { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 },
};

/** The ids of a conversation's calls, as they are sent: fit for the model, and no two alike. */
export interface ToolIds {
  /** The id of the next call; where it has none, one from its place. */
  ofCall(id: string, place: string): string;
  /** The id of the call that a result answers: the last of that id, or the first without an id that has no result yet. */
  ofResult(id: string): string;
}

export function createToolIds(traits: ModelTraits): ToolIds {
  const rule = RULES[traits.toolIds];
  const used = new Set<string>();
  const sent = new Map<string, string>();
  const nameless: string[] = [];
  return {
    ofCall(id, place) {
      let fit = fitToolCallId(id || place, rule);
      // Formats without ids of their own repeat them in each answer; here they must differ.
      for (let count = 2; used.has(fit); count += 1) fit = fitToolCallId(`${id || place}#${count}`, rule);
      used.add(fit);
      if (id === '') nameless.push(fit);
      else sent.set(id, fit);
      return fit;
    },
    ofResult(id) {
      if (id === '') return nameless.shift() ?? fitToolCallId('unknown', rule);
      return sent.get(id) ?? fitToolCallId(id, rule);
    },
  };
}
