import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';

/** A duration in milliseconds; undefined where none is given. */
export function milliseconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}
