import { type Duration, durationFromMs } from '@bufbuild/protobuf/wkt';
import { parseDuration } from '../server/core/duration.ts';
import { UsageError } from './command.ts';

/** A duration such as 500ms, 30s or 5m. Throws UsageError that names the option. */
export function readDuration(option: string, text: string): Duration {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new UsageError(`${option} must be a duration such as 500ms, 30s or 5m`);
  return durationFromMs(milliseconds);
}

/** A whole number. Throws UsageError that names the option. */
export function readNumber(option: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}`);
}
