import type { DescEnum } from '@bufbuild/protobuf';

/** The short name of an enum's value, as in SUCCESS; its number where this program does not know it. */
export function enumWord(desc: DescEnum, value: number): string {
  return desc.value[value]?.localName ?? String(value);
}
