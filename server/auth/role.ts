import { SluiceError } from '../errors/sluice-error.ts';
import type { Principal } from './principal.ts';

/** What a key may do, by its name in sluice.config.v1.KeyRole. */
export type RoleName = 'INFERENCE' | 'OPERATOR' | 'ADMIN' | 'PROJECT_ADMIN';

/** What each role may do: what those roles may that stand beside it. */
const GRANTS: Readonly<Record<RoleName, readonly RoleName[]>> = {
  INFERENCE: ['INFERENCE'],
  OPERATOR: ['INFERENCE', 'OPERATOR'],
  PROJECT_ADMIN: ['INFERENCE', 'PROJECT_ADMIN'],
  ADMIN: ['INFERENCE', 'OPERATOR', 'PROJECT_ADMIN', 'ADMIN'],
};

/** Whether a role may do all that another one may. */
export function includesRole(role: RoleName, other: RoleName): boolean {
  return GRANTS[role].includes(other);
}

/** Throws PERMISSION_DENIED where the caller's key has less than the role that something needs. */
export function requireRole(principal: Principal, least: RoleName, what: string): void {
  if (includesRole(principal.role, least)) return;
  throw new SluiceError('PERMISSION_DENIED', `${what} needs a key with the role ${least}.`);
}
