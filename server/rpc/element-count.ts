import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Up to here a message cannot hold enough elements to matter: the shortest one takes two bytes. */
const HARMLESS_BYTES = 64 * 1024;

/**
 * Whether a Protobuf message, given as its bytes, holds more fields and list elements than that, all levels together. Each
 * of them becomes an object or a value a hundred times its size, so this is asked before it is decoded. Bytes that are no
 * message of the type hold none: decoding tells what is wrong with them.
 */
export function holdsMoreThan(limit: number, desc: DescMessage, bytes: Uint8Array): boolean {
  if (bytes.length <= HARMLESS_BYTES) return false;
  const reader = new BinaryReader(bytes);
  let left = limit;
  const walk = (message: DescMessage, end: number): void => {
    while (reader.pos < end && left >= 0) {
      const [number, wireType] = reader.tag();
      left -= 1;
      const field = fieldOf(message, number);
      const inner = field?.message;
      if (wireType !== WireType.LengthDelimited || field === undefined) reader.skip(wireType, number);
      else if (inner !== undefined) walk(inner, reader.uint32() + reader.pos);
      else {
        const length = reader.uint32();
        left -= packedElements(field, length);
        reader.pos += length;
      }
    }
  };
  try {
    walk(desc, bytes.length);
  } catch {
    return false;
  }
  return left < 0;
}

/** By number, made once for each type. */
const FIELDS = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldOf(desc: DescMessage, number: number): DescField | undefined {
  let fields = FIELDS.get(desc);
  if (fields === undefined) {
    fields = new Map(desc.fields.map((field) => [field.number, field]));
    FIELDS.set(desc, fields);
  }
  return fields.get(number);
}

/** How many numbers so many bytes of a packed list can hold. */
function packedElements(field: DescField, bytes: number): number {
  if (field.fieldKind !== 'list') return 0;
  if (field.listKind === 'enum') return bytes;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 0;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return bytes / 8;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return bytes / 4;
    default:
      return bytes;
  }
}
