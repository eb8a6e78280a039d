import { create } from '@bufbuild/protobuf';
import {
  type ListConfigRevisionsRequest,
  type ListConfigRevisionsResponse,
  ListConfigRevisionsResponseSchema,
} from '../../gen/sluice/admin/v1/config_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type Asker, admitAdmin, type ConfigDeps } from './admit-admin.ts';
import { revisionMessage } from './revision-message.ts';

/** How many revisions a page has where the caller does not say. */
const DEFAULT_PAGE = 50;

/**
 * A page of the history. What is in force comes first even where the history does not hold it. Throws UNAUTHENTICATED,
 * PERMISSION_DENIED, STORE_UNAVAILABLE, INVALID_REQUEST for a token that is none.
 */
export async function listConfigRevisions(
  deps: ConfigDeps,
  asker: Asker,
  { pageSize, pageToken }: ListConfigRevisionsRequest,
): Promise<ListConfigRevisionsResponse> {
  admitAdmin(deps, asker, 'ListConfigRevisions');
  const { keeper } = deps;
  const inForce = keeper.inForce();
  const size = pageSize || DEFAULT_PAGE;
  const unrecorded = pageToken === '' && inForce.sequence === undefined ? [revisionMessage(inForce, true)] : [];
  // One more than asked for tells whether there is another page.
  const limit = size - unrecorded.length + 1;
  const found = await keeper.store.list({ ...(pageToken !== '' && { before: placeOf(pageToken) }), limit });
  const shown = found.slice(0, limit - 1);
  // Where the one that is not recorded fills the page, the next one begins with the newest record.
  const next = shown.at(-1)?.sequence ?? (found[0] === undefined ? undefined : found[0].sequence + 1);
  return create(ListConfigRevisionsResponseSchema, {
    revisions: [...unrecorded, ...shown.map((entry) => revisionMessage(entry, entry.sequence === inForce.sequence))],
    nextPageToken: found.length === limit && next !== undefined ? tokenOf(next) : '',
  });
}

function tokenOf(place: number): string {
  return Buffer.from(String(place)).toString('base64url');
}

function placeOf(token: string): number {
  const text = Buffer.from(token, 'base64url').toString();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new SluiceError('INVALID_REQUEST', 'page_token: not one that this server made', {
    metadata: { field: 'page_token' },
  });
}
