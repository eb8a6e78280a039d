import { create } from '@bufbuild/protobuf';
import { type Metadata, MetadataSchema } from '../../gen/sluice/v1/metadata_pb.ts';
import { badField, optionalObject, type Place, pathOf, wrongField } from './read-fields.ts';

/** Names that the contract has fields for. */
const IDENTITY_NAMES = [
  'user',
  'team',
  'application',
  'environment',
  'workflow',
  'customer',
  'region',
  'session',
] as const;

type IdentityName = (typeof IDENTITY_NAMES)[number];

// The contract's bounds; OpenAI's own are narrower (16 pairs of 64 and 512 characters).
const MAX_LABELS = 64;
const MAX_NAME_LENGTH = 64;
const MAX_LABEL_LENGTH = 512;
const MAX_IDENTITY_LENGTH = 256;

/** The metadata of a request: who and what it is for. Throws SluiceError INVALID_REQUEST. */
export function decodeMetadata(body: Place): Metadata {
  const place = optionalObject(body, 'metadata');
  if (place === undefined) return create(MetadataSchema);
  const entries = Object.entries(place.json).map(([name, value]) => [name, textAt(place, name, value)] as const);
  const labels = entries.filter(([name]) => !isIdentityName(name));
  if (labels.length > MAX_LABELS) throw badField(place.path, `more than ${MAX_LABELS} members`);
  const identity = Object.fromEntries(entries.filter(([name]) => isIdentityName(name)));
  return create(MetadataSchema, { ...identity, labels: Object.fromEntries(labels) });
}

function isIdentityName(name: string): name is IdentityName {
  return IDENTITY_NAMES.some((known) => known === name);
}

function textAt(place: Place, name: string, value: Place['json'][string]): string {
  const path = pathOf(place, name.slice(0, MAX_NAME_LENGTH));
  // Not a name anybody means: as a key of a map it would be read as the map's prototype.
  if (name === '' || name === '__proto__') throw badField(path, 'this name is not allowed');
  if (name.length > MAX_NAME_LENGTH) throw badField(path, `the name is longer than ${MAX_NAME_LENGTH} characters`);
  if (typeof value !== 'string') throw wrongField(path, 'a string', value);
  const limit = isIdentityName(name) ? MAX_IDENTITY_LENGTH : MAX_LABEL_LENGTH;
  if (value.length > limit) throw badField(path, `it is longer than ${limit} characters`);
  return value;
}
