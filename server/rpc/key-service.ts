import type { ServiceImpl } from '@connectrpc/connect';
import type { KeyService } from '../../gen/sluice/admin/v1/key_service_pb.ts';
import { createKey, revokeKey, rotateKey } from '../admin/change-keys.ts';
import type { KeyDeps } from '../admin/key-access.ts';
import { getKey, listKeys } from '../admin/read-keys.ts';
import { answerRpc, type RpcDeps } from './rpc-call.ts';

export function keyService(deps: RpcDeps & KeyDeps): ServiceImpl<typeof KeyService> {
  return {
    createKey: (request, context) => answerRpc(deps, context, (asker) => createKey(deps, asker, request)),
    getKey: ({ keyId }, context) => answerRpc(deps, context, (asker) => getKey(deps, asker, keyId)),
    listKeys: (request, context) => answerRpc(deps, context, (asker) => listKeys(deps, asker, request)),
    revokeKey: ({ keyId }, context) => answerRpc(deps, context, (asker) => revokeKey(deps, asker, keyId)),
    rotateKey: (request, context) => answerRpc(deps, context, (asker) => rotateKey(deps, asker, request)),
  };
}
