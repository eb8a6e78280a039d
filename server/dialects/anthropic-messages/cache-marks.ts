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

/** The most marks that a request may have. */
const MAX_MARKS = 4;

/** A body with the last four of its marks, which cover the longest prefixes. */
export function limitCacheMarks(body: JsonObject, losses: Losses): JsonObject {
  const lists = [body['tools'], body['system'], body['messages']];
  const extra = lists.reduce<number>((sum, list) => sum + countMarks(list, LEVELS), 0) - MAX_MARKS;
  if (extra <= 0) return body;
  losses.dropped(
    'generation.messages',
    `At most ${MAX_MARKS} cache marks may be set; the first ${extra} are left out.`,
  );
  const left = { extra };
  const [tools, system, messages] = lists.map((list) => strip(list, LEVELS, left));
  return { ...body, tools, system, messages };
}

/** Marks stand on tools and blocks: those of a message, and those of a tool's result within it. */
const LEVELS = 3;

function countMarks(value: JsonValue | undefined, levels: number): number {
  if (levels === 0 || !Array.isArray(value)) return 0;
  return value.filter(isJsonObject).reduce((sum, { cache_control: mark, content }) => {
    return sum + (mark === undefined ? 0 : 1) + countMarks(content, levels - 1);
  }, 0);
}

/** The list without its first marks, as many as there are extra ones. */
function strip(value: JsonValue | undefined, levels: number, left: { extra: number }): JsonValue | undefined {
  if (levels === 0 || !Array.isArray(value)) return value;
  return value.map((item) => {
    if (!isJsonObject(item)) return item;
    const inner = item['content'] === undefined ? item : { ...item, content: strip(item['content'], levels - 1, left) };
    if (left.extra <= 0 || inner['cache_control'] === undefined) return inner;
    left.extra -= 1;
    const { cache_control: _, ...rest } = inner;
    return rest;
  });
}
