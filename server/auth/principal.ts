import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';

/** Who calls. */
export interface Principal {
  /** The key's id, as records show it. */
  readonly keyId: string;
  /** The key's own metadata, which goes before what the caller says. */
  readonly metadata: Metadata | undefined;
}
