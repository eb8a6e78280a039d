import { type CacheControl, CacheTtl } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { TTL_OF_WORD, wordOf } from './wire.ts';

/** The cache_control member of a block or tool; none where the prompt is not to be kept. */
export function cacheMark(control: CacheControl | undefined, path: string, losses: Losses): JsonObject {
  if (control === undefined) return {};
  if (control.ttl === CacheTtl.CACHE_TTL_24H) {
    losses.clamped(`${path}.cache_control.ttl`, 'Prompts are kept for an hour at most.');
    return { cache_control: { type: 'ephemeral', ttl: '1h' } };
  }
  const ttl = wordOf(TTL_OF_WORD, control.ttl);
  return { cache_control: { type: 'ephemeral', ...(ttl !== undefined && { ttl }) } };
}

/** Where losses of several marks are told. */
const MARKS = 'generation.messages.parts.cache_control';

/** The most marks that a request may have. */
const MAX_MARKS = 4;

/** A body with the last four of its marks, which cover the longest prefixes, and none for an hour behind a shorter one. */
export function limitCacheMarks(body: JsonObject, losses: Losses): JsonObject {
  const lists = [body['tools'], body['system'], body['messages']];
  const count = lists.reduce<number>((sum, list) => sum + countMarks(list, LEVELS), 0);
  if (count === 0) return body;
  const extra = Math.max(0, count - MAX_MARKS);
  if (extra > 0) {
    const why = `At most ${MAX_MARKS} cache marks may be set; the first ${extra} are left out.`;
    losses.dropped(MARKS, why);
  }
  const state = { extra, short: false, shortened: false };
  const [tools, system, messages] = lists.map((list) => fitMarks(list, LEVELS, state));
  if (state.shortened)
    losses.clamped(`${MARKS}.ttl`, 'What is kept for an hour must stand before what is kept for less.');
  return { ...body, tools, system, messages };
}

/** What of a body's marks was seen, in the order in which the API reads them: tools, system, messages. */
interface MarkState {
  /** How many are still to be left out. */
  extra: number;
  /** There was one for less than an hour. */
  short: boolean;
  /** One for an hour became one for less. */
  shortened: boolean;
}

/** Marks stand on tools and blocks: those of a message, and those of a tool's result within it. */
const LEVELS = 3;

function countMarks(value: JsonValue | undefined, levels: number): number {
  if (levels === 0 || !Array.isArray(value)) return 0;
  return value.filter(isJsonObject).reduce((sum, { cache_control: mark, content }) => {
    return sum + (mark === undefined ? 0 : 1) + countMarks(content, levels - 1);
  }, 0);
}

function fitMarks(value: JsonValue | undefined, levels: number, state: MarkState): JsonValue | undefined {
  if (levels === 0 || !Array.isArray(value)) return value;
  return value.map((item) => {
    if (!isJsonObject(item)) return item;
    const { content, cache_control: mark, ...rest } = item;
    const inner = content === undefined ? rest : { ...rest, content: fitMarks(content, levels - 1, state) };
    return mark === undefined ? inner : { ...inner, ...fitMark(mark, state) };
  });
}

function fitMark(mark: JsonValue, state: MarkState): JsonObject {
  if (state.extra > 0) {
    state.extra -= 1;
    return {};
  }
  const hour = isJsonObject(mark) && mark['ttl'] === '1h';
  if (!hour) state.short = true;
  if (!hour || !state.short) return { cache_control: mark };
  state.shortened = true;
  return { cache_control: { type: 'ephemeral' } };
}
