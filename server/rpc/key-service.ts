import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import type { KeyService } from '../../gen/sluice/admin/v1/key_service_pb.ts';
import type { Asker } from '../admin/admit-admin.ts';
import { createKey, revokeKey, rotateKey } from '../admin/change-keys.ts';
import type { KeyDeps } from '../admin/key-access.ts';
import { getKey, listKeys } from '../admin/read-keys.ts';
import { type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

export function keyService(deps: RpcDeps & KeyDeps): ServiceImpl<typeof KeyService> {
  const answer = async <T>(context: HandlerContext, run: (asker: Asker) => T | Promise<T>): Promise<T> => {
    try {
      return await run(rpcCaller(context));
    } catch (thrown) {
      throw rpcError(deps, context, thrown);
    }
  };
  return {
    createKey: (request, context) => answer(context, (asker) => createKey(deps, asker, request)),
    getKey: ({ keyId }, context) => answer(context, (asker) => getKey(deps, asker, keyId)),
    listKeys: (request, context) => answer(context, (asker) => listKeys(deps, asker, request)),
    revokeKey: ({ keyId }, context) => answer(context, (asker) => revokeKey(deps, asker, keyId)),
    rotateKey: (request, context) => answer(context, (asker) => rotateKey(deps, asker, request)),
  };
}
