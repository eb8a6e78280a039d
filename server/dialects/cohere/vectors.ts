import type { JsonValue } from '../../core/json.ts';
import { decodeBase64 } from '../data-url.ts';

/** Bytes of a float32. */
const FLOAT_BYTES = 4;

/** A vector: numbers, or base64 of float32, little endian; undefined where it is neither. */
export function decodeVector(value: JsonValue): readonly number[] | undefined {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'number') ? value : undefined;
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  if (bytes === undefined || bytes.length % FLOAT_BYTES !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, index) => view.getFloat32(index * FLOAT_BYTES, true));
}

export function encodeVector(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * FLOAT_BYTES));
  for (const [index, value] of values.entries()) view.setFloat32(index * FLOAT_BYTES, value, true);
  return new Uint8Array(view.buffer).toBase64();
}
