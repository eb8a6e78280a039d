import { createHash } from 'node:crypto';
import { type Key, KeyRole } from '../../gen/sluice/config/v1/config_pb.ts';
import type { KeyRecord } from '../auth/key-ring.ts';
import { DEFAULT_PROJECT } from '../auth/principal.ts';
import type { RoleName } from '../auth/role.ts';
import type { Secret } from '../core/secret.ts';
import type { Finding } from './problems.ts';

/** The records of keys, and which of them are one and the same key. */
export interface CompiledKeys {
  readonly records: readonly KeyRecord[];
  readonly findings: readonly Finding[];
}

/** Hashes the keys of a configuration. Keys whose secret is missing are left out: that is told of elsewhere. */
export function compileKeys(keys: readonly Key[], secrets: ReadonlyMap<string, Secret>): CompiledKeys {
  const records: KeyRecord[] = [];
  const findings: Finding[] = [];
  const first = new Map<string, number>();
  for (const [index, key] of keys.entries()) {
    const sha256 = digestOf(key, secrets.get(`keys[${index}].secret`));
    if (sha256 === undefined) continue;
    const taken = first.get(sha256.toString('hex'));
    if (taken === undefined) first.set(sha256.toString('hex'), index);
    else findings.push({ path: `keys[${index}]`, message: `is the same key as keys[${taken}]` });
    const projectId = key.project || DEFAULT_PROJECT;
    const principal = Object.freeze({ keyId: key.id, metadata: key.metadata, role: roleOf(key), projectId });
    records.push({ principal, sha256 });
  }
  return { records, findings };
}

const ROLES: ReadonlyMap<KeyRole, RoleName> = new Map([
  [KeyRole.OPERATOR, 'OPERATOR'],
  [KeyRole.ADMIN, 'ADMIN'],
  [KeyRole.PROJECT_ADMIN, 'PROJECT_ADMIN'],
]);

function roleOf({ role }: Key): RoleName {
  return ROLES.get(role) ?? 'INFERENCE';
}

function digestOf(key: Key, secret: Secret | undefined): Buffer | undefined {
  if (secret !== undefined) return createHash('sha256').update(secret.reveal()).digest();
  const hex = /^sha256:([0-9a-f]{64})$/.exec(key.hash)?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
}
