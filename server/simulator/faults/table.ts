import { COMPRESSION } from './compression.ts';
import { CONTENT } from './content.ts';
import { ENDINGS } from './endings.ts';
import type { Fault } from './fault.ts';
import { FRAMING } from './framing.ts';
import { HEADERS } from './headers.ts';
import { INSTEAD } from './instead.ts';
import { SIZES } from './sizes.ts';
import { TIMING } from './timing.ts';
import { USAGE } from './usage.ts';

/** Every fault that the simulator can inject. Names are unique. */
export const FAULTS: readonly Fault[] = [
  ...INSTEAD,
  ...TIMING,
  ...ENDINGS,
  ...CONTENT,
  ...USAGE,
  ...FRAMING,
  ...HEADERS,
  ...COMPRESSION,
  ...SIZES,
];

export function findFault(name: string): Fault | undefined {
  return FAULTS.find((fault) => fault.name === name);
}
