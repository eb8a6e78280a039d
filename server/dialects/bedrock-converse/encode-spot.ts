import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { Losses } from '../losses.ts';
import type { DocumentNames } from './document-names.ts';
import type { ModelTraits } from './model-traits.ts';
import type { ToolIds } from './tool-ids.ts';
import { DIALECT } from './wire.ts';

/** What the parts of one request share. */
export interface RequestTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  readonly ids: ToolIds;
  readonly names: DocumentNames;
}

/** A canonical part and where it stands in the request. */
export interface Spot extends RequestTerms {
  readonly part: Part;
  readonly path: string;
}

/** Whether a part's signature or redacted data may go back: it is of this format, or nobody knows of which. */
export function isOwn({ origin }: Part): boolean {
  return origin === '' || origin === DIALECT;
}
