import { decodeBase64 } from '../data-url.ts';

/** Bytes of a float32. */
const FLOAT_BYTES = 4;

/** The numbers in base64 of float32, little endian; undefined where the text is not that. */
export function decodeVector(text: string): number[] | undefined {
  const bytes = decodeBase64(text);
  if (bytes === undefined || bytes.length % FLOAT_BYTES !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, index) => view.getFloat32(index * FLOAT_BYTES, true));
}

export function encodeVector(values: readonly number[]): string {
  const bytes = new Uint8Array(values.length * FLOAT_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * FLOAT_BYTES, value, true);
  return bytes.toBase64();
}
