import { badField } from '../read-fields.ts';

/** What a recursive function makes of a value at such a path. Throws INVALID_REQUEST where the value has no end in sight. */
export function notTooDeep<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof RangeError) throw badField(path, 'it is nested too deeply');
    throw thrown;
  }
}
