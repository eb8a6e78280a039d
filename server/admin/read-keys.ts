import { create } from '@bufbuild/protobuf';
import {
  type GetKeyResponse,
  GetKeyResponseSchema,
  type ListKeysRequest,
  type ListKeysResponse,
  ListKeysResponseSchema,
} from '../../gen/sluice/admin/v1/key_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { Asker } from './admit-admin.ts';
import { admitKeyAdmin, type KeyDeps, seenKey, seenProject } from './key-access.ts';
import { keyMessage } from './key-message.ts';

/** One key. Throws UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_NOT_FOUND. */
export function getKey(deps: KeyDeps, asker: Asker, id: string): GetKeyResponse {
  const principal = admitKeyAdmin(deps, asker, 'GetKey');
  const entry = seenKey(deps.keys.entry(id), principal, id);
  return create(GetKeyResponseSchema, { key: keyMessage(entry, deps.clock.now()) });
}

/** How many keys a page has where the caller does not say. */
const DEFAULT_PAGE = 50;

/** A page of keys. Throws UNAUTHENTICATED, PERMISSION_DENIED, INVALID_REQUEST, RESOURCE_NOT_FOUND for another's project. */
export function listKeys(deps: KeyDeps, asker: Asker, request: ListKeysRequest): ListKeysResponse {
  const principal = admitKeyAdmin(deps, asker, 'ListKeys');
  const seen = seenProject(principal);
  const wanted = request.projectId || undefined;
  if (seen !== undefined && wanted !== undefined && wanted !== seen) throw noProject(wanted);
  const size = request.pageSize || DEFAULT_PAGE;
  const after = placeOf(request.pageToken);
  // One more than asked for tells whether there is another page.
  const found = deps.keys.page({ projectId: wanted ?? seen, after, limit: size + 1 });
  const shown = found.slice(0, size);
  const next = found.length > size ? shown.at(-1)?.id : undefined;
  return create(ListKeysResponseSchema, {
    keys: shown.map((entry) => keyMessage(entry, deps.clock.now())),
    nextPageToken: next === undefined ? '' : Buffer.from(next).toString('base64url'),
  });
}

function noProject(id: string): SluiceError {
  return new SluiceError('RESOURCE_NOT_FOUND', `There is no project ${id}.`, { metadata: { kind: 'project', id } });
}

function placeOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (/^[A-Za-z0-9]{0,64}$/.test(text)) return text;
  throw new SluiceError('INVALID_REQUEST', 'page_token: not one that this server made', {
    metadata: { field: 'page_token' },
  });
}
