import { createHash } from 'node:crypto';
import { toJson } from '@bufbuild/protobuf';
import { type Config, ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { isJsonObject } from '../core/json.ts';

/**
 * Names a configuration by its content: the first 16 hexadecimal digits of the SHA-256 of its ProtoJSON with sorted
 * keys, and of the digests of the catalogue files that it names. Comments, order of fields and spelling of durations make
 * no difference. Of secrets it knows only the references, so it tells nothing about their values.
 */
export function revisionOf(config: Config, digests: readonly string[] = []): string {
  const canonical = JSON.stringify(sortKeys(toJson(ConfigSchema, config)));
  return createHash('sha256')
    .update([canonical, ...digests].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, sortKeys(member)]);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
