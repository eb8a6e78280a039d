import { create } from '@bufbuild/protobuf';
import { type Metadata, MetadataSchema } from '../gen/sluice/v1/metadata_pb.ts';
import { UsageError } from './command.ts';

const FIELDS = ['user', 'team', 'application', 'environment', 'workflow', 'customer', 'region', 'session'] as const;

/** Pairs such as team=search; other names than those of the contract are labels. Throws UsageError. */
export function readMetadata(pairs: readonly string[]): Metadata {
  const metadata = create(MetadataSchema);
  for (const [name, value] of readPairs('--metadata', pairs)) {
    const field = FIELDS.find((known) => known === name);
    if (field === undefined) metadata.labels[name] = value;
    else metadata[field] = value;
  }
  return metadata;
}

/** Words such as NAME=VALUE. Throws UsageError that names the option. */
export function readPairs(option: string, words: readonly string[]): readonly (readonly [string, string])[] {
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw new UsageError(`${option} must be NAME=VALUE, and not "${word}"`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}
