import type { JsonObject } from '../core/json.ts';

/** How far above its lower bound a number lies at most. */
const SPAN = 40;

/** A number for a schema: near its lower bound, within its upper one, a multiple of what it says. */
export function numberForSchema(schema: JsonObject, seed: number, type: 'integer' | 'number'): number {
  const step = stepOf(schema, type);
  const low = lowest(schema, step);
  const high = highest(schema, step);
  const first = low ?? (high === undefined ? 0 : Math.min(0, high));
  const steps = high === undefined ? SPAN : Math.min(SPAN, Math.max(0, high - first));
  return clean((first + (seed % (steps + 1))) * step);
}

function stepOf(schema: JsonObject, type: 'integer' | 'number'): number {
  const multiple = schema.multipleOf;
  if (typeof multiple === 'number' && multiple > 0) {
    // The least multiple that is whole too, for the usual steps: 0.5 of integers is 1.
    return type === 'integer' && !Number.isInteger(multiple)
      ? Math.max(1, multiple * Math.round(1 / multiple))
      : multiple;
  }
  if (type === 'integer') return 1;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const low = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : minimum;
  const high = typeof exclusiveMaximum === 'number' ? exclusiveMaximum : maximum;
  // Between near bounds whole numbers may not fit.
  return typeof low === 'number' && typeof high === 'number' && high - low < SPAN && high > low
    ? (high - low) / 8
    : 0.5;
}

/** The lower bound in steps. */
function lowest({ minimum, exclusiveMinimum }: JsonObject, step: number): number | undefined {
  const bounds: number[] = [];
  if (typeof minimum === 'number') bounds.push(Math.ceil(minimum / step));
  if (typeof exclusiveMinimum === 'number') bounds.push(Math.floor(exclusiveMinimum / step) + 1);
  return bounds.length === 0 ? undefined : Math.max(...bounds);
}

/** The upper bound in steps. */
function highest({ maximum, exclusiveMaximum }: JsonObject, step: number): number | undefined {
  const bounds: number[] = [];
  if (typeof maximum === 'number') bounds.push(Math.floor(maximum / step));
  if (typeof exclusiveMaximum === 'number') bounds.push(Math.ceil(exclusiveMaximum / step) - 1);
  return bounds.length === 0 ? undefined : Math.min(...bounds);
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}
