import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { listOf, stringOf } from '../read-answer.ts';
import type { Turn } from './turn.ts';

const PATH = 'generation.messages';

/**
 * Turns in which each call has its result in the very next turn, and each result its call in the one before: anything else is
 * refused there. A missing result is said to be missing; a result without a call is the user's words.
 */
export function pairResults(turns: readonly Turn[], losses: Losses): Turn[] {
  const paired: Turn[] = [];
  let open: readonly string[] = [];
  for (const turn of turns) {
    paired.push(...(turn.role === 'user' ? [answered(turn, open, losses)] : [...unanswered(open, losses), turn]));
    open = turn.role === 'user' ? [] : callsOf(turn);
  }
  return [...paired, ...unanswered(open, losses)];
}

function callsOf({ content }: Turn): readonly string[] {
  return content.filter(({ type }) => type === 'tool_use').map(({ id }) => stringOf(id));
}

function unanswered(open: readonly string[], losses: Losses): Turn[] {
  return open.length === 0 ? [] : [answered({ role: 'user', content: [] }, open, losses)];
}

function answered({ content }: Turn, open: readonly string[], losses: Losses): Turn {
  const given = new Set(content.flatMap(({ type, tool_use_id: id }) => (type === 'tool_result' ? [stringOf(id)] : [])));
  const missing = open
    .filter((id) => !given.has(id))
    .map((id) => {
      losses.emulated(PATH, `The call ${id} has no result: one that says so is sent.`);
      return { type: 'tool_result', tool_use_id: id, content: 'There is no result.', is_error: true };
    });
  const fits = content.flatMap((block) =>
    block['type'] !== 'tool_result' || open.includes(stringOf(block['tool_use_id'])) ? [block] : asWords(block, losses),
  );
  const isResult = ({ type }: JsonObject): boolean => type === 'tool_result';
  return { role: 'user', content: [...missing, ...fits.filter(isResult), ...fits.filter((block) => !isResult(block))] };
}

function asWords({ content }: JsonObject, losses: Losses): JsonObject[] {
  losses.approximated(PATH, "A result without its call in the turn before is sent as the user's words.");
  return [{ type: 'text', text: 'Result of a tool:' }, ...listOf(content).filter(isJsonObject)];
}
