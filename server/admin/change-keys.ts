import { create } from '@bufbuild/protobuf';
import { durationMs, type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import {
  type CreateKeyRequest,
  type CreateKeyResponse,
  CreateKeyResponseSchema,
  type RevokeKeyResponse,
  RevokeKeyResponseSchema,
  type RotateKeyRequest,
  type RotateKeyResponse,
  RotateKeyResponseSchema,
} from '../../gen/sluice/admin/v1/key_service_pb.ts';
import { KeyRole } from '../../gen/sluice/config/v1/config_pb.ts';
import { generateKey } from '../auth/generate-key.ts';
import { type KeyEntry, keyState } from '../auth/key-entry.ts';
import type { AuditRecord } from '../auth/key-store.ts';
import { DEFAULT_PROJECT, type Principal } from '../auth/principal.ts';
import { includesRole, type RoleName } from '../auth/role.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { Asker } from './admit-admin.ts';
import { admitKeyAdmin, checkWithin, type KeyDeps, keyMethod, seenKey } from './key-access.ts';
import { keyMessage } from './key-message.ts';

const ROLES: ReadonlyMap<KeyRole, RoleName> = new Map([
  [KeyRole.OPERATOR, 'OPERATOR'],
  [KeyRole.ADMIN, 'ADMIN'],
  [KeyRole.PROJECT_ADMIN, 'PROJECT_ADMIN'],
]);

/** Makes a key. Throws UNAUTHENTICATED, PERMISSION_DENIED, INVALID_REQUEST, STORE_UNAVAILABLE. */
export async function createKey(deps: KeyDeps, asker: Asker, request: CreateKeyRequest): Promise<CreateKeyResponse> {
  const principal = admitKeyAdmin(deps, asker, 'CreateKey');
  const nowMs = deps.clock.now();
  const { stored, key } = generateKey();
  const entry = Object.freeze({ ...stored, ...askedFor(request, principal), createdAtMs: nowMs });
  if ((entry.expiresAtMs ?? Number.POSITIVE_INFINITY) <= Math.max(nowMs, entry.notBeforeMs ?? 0)) {
    throw new SluiceError('INVALID_REQUEST', 'expire_time: the key would never work', {
      metadata: { field: 'expire_time' },
    });
  }
  checkWithin(entry, principal);
  const saved = await deps.keys.save(entry.id, () => entry, auditOf(deps, principal, ['CreateKey', entry.id]));
  return create(CreateKeyResponseSchema, { key: keyMessage(saved, nowMs), secret: key.reveal() });
}

function askedFor(request: CreateKeyRequest, creator: Principal): Omit<KeyEntry, 'id' | 'sha256' | 'createdAtMs'> {
  return {
    projectId: request.projectId || (creator.projectId ?? DEFAULT_PROJECT),
    displayName: request.displayName,
    role: ROLES.get(request.role) ?? 'INFERENCE',
    models: Object.freeze([...(request.scope?.models ?? [])]),
    requiredMetadata: Object.freeze([...(request.scope?.requiredMetadata ?? [])]),
    creatorKeyId: creator.keyId,
    notBeforeMs: msOf(request.notBeforeTime),
    expiresAtMs: msOf(request.expireTime),
    revokedAtMs: undefined,
    old: undefined,
  };
}

/** Ends a key. Throws UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_NOT_FOUND, STORE_UNAVAILABLE. */
export async function revokeKey(deps: KeyDeps, asker: Asker, id: string): Promise<RevokeKeyResponse> {
  const principal = admitKeyAdmin(deps, asker, 'RevokeKey');
  const revoke = (known: KeyEntry | undefined): KeyEntry => {
    const entry = seenKey(known, principal, id);
    if (!includesRole(principal.role, entry.role)) {
      throw new SluiceError('PERMISSION_DENIED', `A key with the role ${entry.role} is not yours to end.`);
    }
    return entry.revokedAtMs === undefined ? Object.freeze({ ...entry, revokedAtMs: deps.clock.now() }) : entry;
  };
  const saved = await deps.keys.save(id, revoke, auditOf(deps, principal, ['RevokeKey', id]));
  return create(RevokeKeyResponseSchema, { key: keyMessage(saved, deps.clock.now()) });
}

/** Gives a key a new secret. Throws UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_NOT_FOUND, STORE_UNAVAILABLE. */
export async function rotateKey(
  deps: KeyDeps,
  asker: Asker,
  { keyId: id, overlap }: RotateKeyRequest,
): Promise<RotateKeyResponse> {
  const principal = admitKeyAdmin(deps, asker, 'RotateKey');
  const { stored, key } = generateKey(id);
  const rotate = (known: KeyEntry | undefined): KeyEntry => {
    const entry = seenKey(known, principal, id);
    // Who rotates a key holds it: it must not be more than the caller's own.
    checkWithin(entry, principal);
    const nowMs = deps.clock.now();
    const state = keyState(entry, nowMs);
    if (state === 'REVOKED' || state === 'EXPIRED') {
      throw new SluiceError('PERMISSION_DENIED', `The key ${id} has ended; make a new one.`);
    }
    const overlapMs = overlap === undefined ? 0 : durationMs(overlap);
    const old = overlapMs > 0 ? { sha256: entry.sha256, untilMs: nowMs + overlapMs } : undefined;
    return Object.freeze({ ...entry, sha256: stored.sha256, old });
  };
  const saved = await deps.keys.save(id, rotate, auditOf(deps, principal, ['RotateKey', id]));
  return create(RotateKeyResponseSchema, { key: keyMessage(saved, deps.clock.now()), secret: key.reveal() });
}

function auditOf({ clock }: KeyDeps, { keyId }: Principal, [method, id]: readonly [string, string]): AuditRecord {
  return { keyId, method: keyMethod(method), resource: `key/${id}`, atMs: clock.now() };
}

function msOf(time: Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : timestampMs(time);
}
