import { create } from '@bufbuild/protobuf';
import { type Metadata, MetadataSchema } from '../../gen/sluice/v1/metadata_pb.ts';

const FIELDS = ['user', 'team', 'application', 'environment', 'workflow', 'customer', 'region', 'session'] as const;

/** Both together. The winner's fields and labels stand where both have one: a caller cannot talk over the key's own. */
export function mergeMetadata(caller: Metadata | undefined, winner: Metadata | undefined): Metadata {
  const merged = create(MetadataSchema, { labels: { ...caller?.labels, ...winner?.labels } });
  for (const field of FIELDS) merged[field] = winner?.[field] || caller?.[field] || '';
  return merged;
}

/** Whether there is a value under a name: of a field, else of a label. */
export function hasMetadata(metadata: Metadata, name: string): boolean {
  const field = FIELDS.find((known) => known === name);
  if (field !== undefined && metadata[field] !== '') return true;
  return Object.hasOwn(metadata.labels, name) && metadata.labels[name] !== '';
}
