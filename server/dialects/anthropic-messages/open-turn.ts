import type { Turn } from './turn.ts';

/**
 * Whether the turn that is going on called tools without thoughts of this format, which is refused where thinking is asked
 * for with a budget. It goes on where the last words are results of tools, and began after the user's last turn without any.
 */
export function lacksThoughts(turns: readonly Turn[]): boolean {
  const last = turns.at(-1);
  if (last === undefined || !hasResults(last)) return false;
  const asked = turns.findLastIndex((turn) => turn.role === 'user' && !hasResults(turn));
  const first = turns.slice(asked + 1).find(({ role }) => role === 'assistant')?.content[0]?.['type'];
  return first !== 'thinking' && first !== 'redacted_thinking';
}

function hasResults({ content }: Turn): boolean {
  return content.some(({ type }) => type === 'tool_result');
}
