import { create } from '@bufbuild/protobuf';
import { type Metadata, MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { Members } from './read-members.ts';

const IDENTITY = ['user', 'team', 'application', 'environment', 'workflow', 'customer', 'region', 'session'] as const;

/** OpenAI's metadata (texts by name) and user: names of an identity go to their fields, the rest are labels. */
export function readOpenAiMetadata(request: Members): Metadata {
  const metadata = create(MetadataSchema, { user: request.string('user') ?? '' });
  const given = request.object('metadata');
  for (const name of Object.keys(given?.json ?? {})) {
    const value = given?.string(name) ?? '';
    const field = IDENTITY.find((known) => known === name);
    if (field === undefined) metadata.labels[name] = value;
    else metadata[field] = value;
  }
  return metadata;
}
