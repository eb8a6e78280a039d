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

/** The most points that a request may have. */
const MAX_POINTS = 4;

/** A body with the last four of its points, which cover the longest prefixes. */
export function limitCachePoints(body: JsonObject, losses: Losses): JsonObject {
  const { toolConfig, system, messages } = body;
  let extra = [toolConfig, system, messages].reduce<number>((sum, value) => sum + countPoints(value), 0) - MAX_POINTS;
  if (extra <= 0) return body;
  losses.dropped(
    'generation.messages',
    `There are at most ${MAX_POINTS} cache points; the first ${extra} are left out.`,
  );
  const strip = (list: JsonValue | undefined): JsonValue[] =>
    (Array.isArray(list) ? list : []).filter((block: JsonValue) => {
      const surplus = extra > 0 && isPoint(block);
      if (surplus) extra -= 1;
      return !surplus;
    });
  return {
    ...body,
    ...(isJsonObject(toolConfig) && { toolConfig: { ...toolConfig, tools: strip(toolConfig['tools']) } }),
    ...(Array.isArray(system) && { system: strip(system) }),
    messages: (Array.isArray(messages) ? messages : []).map((message: JsonValue) =>
      isJsonObject(message) ? { ...message, content: strip(message['content']) } : message,
    ),
  };
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
