import { SluiceError } from '../errors/sluice-error.ts';
import type { Principal } from './principal.ts';
import { type RoleName, requireRole } from './role.ts';

/**
 * The least role of each RPC. A method that does not stand here is refused to everybody; a test holds the table to the
 * contract. REST doors offer nothing but what INFERENCE may call.
 */
export const METHOD_ROLES: Readonly<Record<string, RoleName>> = {
  'sluice.v1.ChatService/Chat': 'INFERENCE',
  'sluice.v1.ChatService/StreamChat': 'INFERENCE',
  'sluice.v1.ChatService/CountTokens': 'INFERENCE',
  'sluice.v1.EmbeddingService/Embed': 'INFERENCE',
  'sluice.v1.ModelService/ListModels': 'INFERENCE',
  'sluice.v1.ModelService/GetModel': 'INFERENCE',
  'sluice.v1.RoutingService/Explain': 'INFERENCE',
  'sluice.v1.RoutingService/Drill': 'OPERATOR',
  'sluice.v1.RoutingService/GetTargetHealth': 'OPERATOR',
  'sluice.admin.v1.ConfigService/GetConfig': 'ADMIN',
  'sluice.admin.v1.ConfigService/ValidateConfig': 'ADMIN',
  'sluice.admin.v1.ConfigService/ApplyConfig': 'ADMIN',
  'sluice.admin.v1.ConfigService/ListConfigRevisions': 'ADMIN',
  'sluice.admin.v1.ConfigService/RollbackConfig': 'ADMIN',
  'sluice.admin.v1.KeyService/CreateKey': 'PROJECT_ADMIN',
  'sluice.admin.v1.KeyService/GetKey': 'PROJECT_ADMIN',
  'sluice.admin.v1.KeyService/ListKeys': 'PROJECT_ADMIN',
  'sluice.admin.v1.KeyService/RevokeKey': 'PROJECT_ADMIN',
  'sluice.admin.v1.KeyService/RotateKey': 'PROJECT_ADMIN',
};

/** Throws PERMISSION_DENIED where the caller may not call a method, given as "package.Service/Method". */
export function authorize(principal: Principal, method: string): void {
  const least = Object.hasOwn(METHOD_ROLES, method) ? METHOD_ROLES[method] : undefined;
  if (least === undefined) throw new SluiceError('PERMISSION_DENIED', `${method} is open to no key.`);
  requireRole(principal, least, method);
}
