import { type CacheControl, CacheTtl } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import type { ModelTraits } from './model-traits.ts';

/** Where a mark stands: on a part of a prompt, or on a tool. */
export interface CacheSpot {
  readonly path: string;
  readonly losses: Losses;
  readonly traits: ModelTraits;
  readonly place: 'messages' | 'tools';
}

/** The block that stands behind what is to be kept; none where the prompt is not to be kept up to there. */
export function cachePoint(control: CacheControl | undefined, spot: CacheSpot): JsonObject[] {
  const { path, losses, traits, place } = spot;
  if (control === undefined) return [];
  if (traits.cachePoints === 'none' || (traits.cachePoints === 'messages' && place === 'tools')) {
    losses.dropped(`${path}.cache_control`, 'This model keeps no prompts up to there.');
    return [];
  }
  return [{ cachePoint: { type: 'default', ...ttlOf(control.ttl, spot) } }];
}

/** Five minutes are what holds where nothing is said. */
function ttlOf(ttl: CacheTtl, { path, losses, traits }: CacheSpot): JsonObject {
  if (ttl === CacheTtl.CACHE_TTL_UNSPECIFIED) return {};
  if (ttl === CacheTtl.CACHE_TTL_5M) return traits.cacheHour ? { ttl: '5m' } : {};
  if (!traits.cacheHour) {
    losses.clamped(`${path}.cache_control.ttl`, 'This model keeps prompts for five minutes.');
    return {};
  }
  if (ttl === CacheTtl.CACHE_TTL_24H) {
    losses.clamped(`${path}.cache_control.ttl`, 'Prompts are kept for an hour at most.');
  }
  return { ttl: '1h' };
}

/** Where losses of several points are told. */
const POINTS = 'generation.messages.parts.cache_control';

/** The most points that a request may have. */
const MAX_POINTS = 4;

/** A body with the last four of its points, which cover the longest prefixes, and none for an hour behind a shorter one. */
export function limitCachePoints(body: JsonObject, losses: Losses): JsonObject {
  const lists = [body['toolConfig'], body['system'], body['messages']];
  let extra = lists.reduce<number>((sum, value) => sum + countPoints(value), 0) - MAX_POINTS;
  if (extra > 0) {
    const why = `There are at most ${MAX_POINTS} cache points; the first ${extra} are left out.`;
    losses.dropped(POINTS, why);
  }
  let short = false;
  let shortened = false;
  const limited = mapPoints(body, (point) => {
    extra -= 1;
    if (extra >= 0) return [];
    const ttl = isJsonObject(point) ? point['ttl'] : undefined;
    if (ttl !== '1h' || !short) {
      short ||= ttl !== '1h';
      return [{ cachePoint: point }];
    }
    shortened = true;
    return [{ cachePoint: { type: 'default' } }];
  });
  if (shortened) losses.clamped(`${POINTS}.ttl`, 'What is kept for an hour must stand before what is kept for less.');
  return limited;
}

/** A body whose cache points are changed, in the order in which the model reads: tools, system, messages. */
function mapPoints(body: JsonObject, change: (point: JsonValue) => JsonValue[]): JsonObject {
  const { toolConfig, system, messages } = body;
  const mapped = (list: JsonValue | undefined): JsonValue[] =>
    (Array.isArray(list) ? list : []).flatMap((block: JsonValue) =>
      isJsonObject(block) && block['cachePoint'] !== undefined ? change(block['cachePoint']) : [block],
    );
  const tools = isJsonObject(toolConfig)
    ? { toolConfig: { ...toolConfig, tools: mapped(toolConfig['tools']) } }
    : undefined;
  const instructions = Array.isArray(system) ? { system: mapped(system) } : undefined;
  const turns = (Array.isArray(messages) ? messages : []).map((message: JsonValue) =>
    isJsonObject(message) ? { ...message, content: mapped(message['content']) } : message,
  );
  return { ...body, ...tools, ...instructions, messages: turns };
}

function isPoint(block: JsonValue): boolean {
  return isJsonObject(block) && block['cachePoint'] !== undefined;
}

/** Points stand in the lists of blocks and tools. */
function countPoints(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countPoints(item), 0);
  if (!isJsonObject(value)) return 0;
  return (isPoint(value) ? 1 : 0) + countPoints(value['content']) + countPoints(value['tools']);
}
