import { create, type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { type Config, ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { entryPath, fieldPath, itemPath } from './config-path.ts';
import { type DecodedValue, decodeDuration, decodeEnum, decodeScalar } from './decode-value.ts';
import { nearestName } from './did-you-mean.ts';
import type { YamlTree } from './parse-yaml.ts';
import type { Finding } from './problems.ts';

/** A finding whose place is known: the field, the item or the entry that it is about. */
export interface PlacedFinding extends Finding {
  readonly offset: number;
}

export interface DecodedConfig {
  /** What could be decoded; the rest is unset, and list items keep their indices. */
  readonly config: Config;
  readonly findings: readonly PlacedFinding[];
  /** Where each field, item and entry stands, by its path. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** More than any file without aliases needs; it stops aliases that multiply one another. */
const MAX_VALUES = 300_000;

interface Decoding {
  readonly tree: YamlTree;
  readonly findings: PlacedFinding[];
  readonly offsets: Map<string, number>;
  values: number;
}

/** A node, what it is called and where it stands. */
interface Place {
  readonly node: Node | undefined;
  readonly path: string;
  readonly offset: number;
}

/** What a field, an item of a list or a value of a map is. */
type Element =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly enum: DescEnum }
  | { readonly kind: 'message'; readonly message: DescMessage };

type FieldOf<Kind extends DescField['fieldKind']> = Extract<DescField, { fieldKind: Kind }>;

/** Decodes a YAML tree by the schema of the configuration. Never throws; an empty tree is an empty configuration. */
export function decodeConfig(tree: YamlTree): DecodedConfig {
  const config = create(ConfigSchema);
  const decoding: Decoding = { tree, findings: [], offsets: new Map(), values: 0 };
  const place: Place = { node: tree.root, path: '', offset: tree.root?.range?.[0] ?? 0 };
  if (!isUnset(place.node)) decodeMessage(decoding, reflect(ConfigSchema, config), place);
  return { config, findings: decoding.findings, offsets: decoding.offsets };
}

/** Whether the node was a mapping at all. */
function decodeMessage(decoding: Decoding, message: ReflectMessage, place: Place): boolean {
  const node = follow(decoding, place.node);
  if (!isMap(node)) {
    complain(decoding, place, mismatch(node, 'a mapping of fields'));
    return false;
  }
  const fields = new Map(message.desc.fields.map((field) => [field.name, field]));
  for (const [name, entry] of entriesOf(decoding, node, place)) {
    const field = fields.get(name);
    if (field === undefined) complain(decoding, entry, unknownField(name, [...fields.keys()]));
    else decodeField(decoding, field, { message, place: entry });
  }
  return true;
}

function decodeField(
  decoding: Decoding,
  field: DescField,
  { message, place }: { readonly message: ReflectMessage; readonly place: Place },
): void {
  // As in ProtoJSON, null is unset; so a section whose lines are all commented out is an empty one.
  if (isUnset(follow(decoding, place.node))) return;
  if (field.fieldKind === 'list') {
    const list = message.get(field);
    for (const item of decodeList(decoding, field, place)) list.add(item);
  } else if (field.fieldKind === 'map') {
    const map = message.get(field);
    for (const [key, value] of decodeMap(decoding, field, place)) map.set(key, value);
  } else {
    const value = decodeElement(decoding, elementOf(field), place);
    if (value !== undefined) message.set(field, value);
  }
}

function* decodeList(decoding: Decoding, field: FieldOf<'list'>, place: Place): Iterable<unknown> {
  const node = follow(decoding, place.node);
  if (!isSeq(node)) {
    complain(decoding, place, mismatch(node, 'a list'));
    return;
  }
  const element = elementOf(field);
  for (const [index, item] of node.items.entries()) {
    if (isSpent(decoding, place)) return;
    const itemNode = isNode(item) ? item : undefined;
    const path = itemPath(place.path, index);
    const offset = itemNode?.range?.[0] ?? place.offset;
    decoding.offsets.set(path, offset);
    yield decodeElement(decoding, element, { node: itemNode, path, offset }) ?? zeroOf(element);
  }
}

function* decodeMap(decoding: Decoding, field: FieldOf<'map'>, place: Place): Iterable<[string, unknown]> {
  const node = follow(decoding, place.node);
  if (!isMap(node)) {
    complain(decoding, place, mismatch(node, 'a mapping of names to values'));
    return;
  }
  const element = elementOf(field);
  for (const [key, entry] of entriesOf(decoding, node, place)) {
    const path = entryPath(place.path, key);
    decoding.offsets.set(path, entry.offset);
    yield [key, decodeElement(decoding, element, { ...entry, path }) ?? zeroOf(element)];
  }
}

/** The value to set; undefined where there is none and the reason is among the findings. */
function decodeElement(decoding: Decoding, element: Element, place: Place): unknown {
  if (element.kind === 'message' && element.message.typeName !== DurationSchema.typeName) {
    const message = reflect(element.message);
    return decodeMessage(decoding, message, place) ? message : undefined;
  }
  const node = follow(decoding, place.node);
  const decoded: DecodedValue<unknown> = isScalar(node)
    ? decodeLeaf(element, node.value)
    : { kind: 'wrong', message: mismatch(node, 'a single value') };
  if (decoded.kind === 'ok') return decoded.value;
  complain(decoding, place, decoded.message);
  return undefined;
}

function decodeLeaf(element: Element, value: unknown): DecodedValue<unknown> {
  if (value === null) return { kind: 'wrong', message: 'must not be empty' };
  if (element.kind === 'scalar') return decodeScalar(element.scalar, value);
  if (element.kind === 'enum') return decodeEnum(element.enum, value);
  const duration = decodeDuration(value);
  return duration.kind === 'ok' ? { kind: 'ok', value: reflect(DurationSchema, duration.value) } : duration;
}

/** The entries of a mapping. Of a name that stands twice, only the first is given. */
function* entriesOf(decoding: Decoding, node: YAMLMap, parent: Place): Iterable<[string, Place]> {
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    if (isSpent(decoding, parent)) return;
    const name = isScalar(key) ? String(key.value) : '';
    const path = /^\w+$/.test(name) ? fieldPath(parent.path, name) : entryPath(parent.path, name);
    const offset = isNode(key) ? (key.range?.[0] ?? parent.offset) : parent.offset;
    const place: Place = { node: isNode(value) ? value : undefined, path, offset };
    if (seen.has(name)) {
      complain(decoding, place, 'stands twice in the same mapping');
    } else if (!name.isWellFormed()) {
      complain(decoding, place, 'is a name with half a character: a surrogate without its other half');
    } else {
      seen.add(name);
      decoding.offsets.set(path, offset);
      yield [name, place];
    }
  }
}

/** Counts one more value, and tells whether there were too many. */
function isSpent(decoding: Decoding, place: Place): boolean {
  decoding.values += 1;
  if (decoding.values === MAX_VALUES) {
    const message = `The file holds more than ${MAX_VALUES} values, what aliases repeat counted each time.`;
    complain(decoding, { ...place, path: '' }, message);
  }
  return decoding.values >= MAX_VALUES;
}

/** What an alias stands for; an alias that stands for nothing as it is. */
function follow(decoding: Decoding, node: Node | undefined): Node | undefined {
  return isAlias(node) ? (decoding.tree.aliasTargets.get(node) ?? node) : node;
}

function isUnset(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null);
}

function elementOf(field: DescField): Element {
  if (field.message !== undefined) return { kind: 'message', message: field.message };
  if (field.enum !== undefined) return { kind: 'enum', enum: field.enum };
  return { kind: 'scalar', scalar: field.scalar };
}

/** Stands for an item that could not be decoded. */
function zeroOf(element: Element): unknown {
  if (element.kind === 'message') return reflect(element.message);
  if (element.kind === 'enum') return 0;
  if (element.scalar === ScalarType.STRING) return '';
  return element.scalar === ScalarType.BOOL ? false : 0;
}

function complain(decoding: Decoding, place: Place, message: string): void {
  decoding.findings.push({ path: place.path, message, offset: place.offset });
}

function mismatch(node: Node | undefined, wanted: string): string {
  if (isAlias(node)) return 'names an anchor that is not set before it';
  if (isMap(node)) return `must be ${wanted}, not a mapping`;
  if (isSeq(node)) return `must be ${wanted}, not a list`;
  return `must be ${wanted}`;
}

function unknownField(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `is not a known field; the fields here are ${known.join(', ')}`
    : `is not a known field; did you mean "${nearest}"?`;
}
