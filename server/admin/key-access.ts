import type { KeyBook } from '../auth/key-book.ts';
import type { KeyEntry } from '../auth/key-entry.ts';
import { isWithin } from '../auth/key-limits.ts';
import { DEFAULT_PROJECT, type Principal } from '../auth/principal.ts';
import { includesRole } from '../auth/role.ts';
import type { SnapshotHolder } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type Asker, admitAsker } from './admit-admin.ts';

/** What the use cases of keys need. */
export interface KeyDeps {
  readonly config: SnapshotHolder;
  readonly keys: KeyBook;
  readonly clock: Clock;
}

/** The full name of a method of KeyService. */
export function keyMethod(name: string): string {
  return `sluice.admin.v1.KeyService/${name}`;
}

/** Who may call a method of KeyService, given by its name. Throws UNAUTHENTICATED, PERMISSION_DENIED. */
export function admitKeyAdmin({ config }: KeyDeps, asker: Asker, method: string): Principal {
  return admitAsker(config, asker, keyMethod(method));
}

/** The project whose things a caller sees; undefined: those of all. */
export function seenProject({ role, projectId = DEFAULT_PROJECT }: Principal): string | undefined {
  return role === 'ADMIN' ? undefined : projectId;
}

/** A key that the caller may see. Throws RESOURCE_NOT_FOUND, the same for one that is not there and for another project's. */
export function seenKey(entry: KeyEntry | undefined, principal: Principal, id: string): KeyEntry {
  const project = seenProject(principal);
  if (entry !== undefined && (project === undefined || entry.projectId === project)) return entry;
  throw new SluiceError('RESOURCE_NOT_FOUND', `There is no key ${id}.`, { metadata: { kind: 'key', id } });
}

/** Throws PERMISSION_DENIED where a key could do more than the caller's own. */
export function checkWithin(entry: KeyEntry, principal: Principal): void {
  const excess = excessOf(entry, principal);
  if (excess === undefined) return;
  throw new SluiceError('PERMISSION_DENIED', `The key would do more than your own: its ${excess}.`);
}

/** What of a key is more than the caller's own; undefined where nothing is. */
function excessOf(entry: KeyEntry, principal: Principal): string | undefined {
  const project = seenProject(principal);
  if (!includesRole(principal.role, entry.role)) return `role ${entry.role}`;
  if (project !== undefined && entry.projectId !== project) return 'project';
  if (principal.limits !== undefined && !isWithin(entry, principal.limits)) return 'scope';
  const ends = principal.expiresAtMs ?? Number.POSITIVE_INFINITY;
  return (entry.expiresAtMs ?? Number.POSITIVE_INFINITY) > ends ? 'expiry' : undefined;
}
