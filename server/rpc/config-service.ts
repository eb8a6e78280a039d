import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import type { ConfigService } from '../../gen/sluice/admin/v1/config_service_pb.ts';
import type { Asker, ConfigDeps } from '../admin/admit-admin.ts';
import { applyConfig, rollbackConfig } from '../admin/change-config.ts';
import { getConfig } from '../admin/get-config.ts';
import { listConfigRevisions } from '../admin/list-config-revisions.ts';
import { validateConfig } from '../admin/validate-config.ts';
import { type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

export function configService(deps: RpcDeps & ConfigDeps): ServiceImpl<typeof ConfigService> {
  const answer = async <T>(context: HandlerContext, run: (asker: Asker) => T | Promise<T>): Promise<T> => {
    try {
      return await run(rpcCaller(context));
    } catch (thrown) {
      throw rpcError(deps, context, thrown);
    }
  };
  return {
    getConfig: (_, context) => answer(context, (asker) => getConfig(deps, asker)),
    validateConfig: ({ yaml }, context) => answer(context, (asker) => validateConfig(deps, asker, yaml)),
    applyConfig: (request, context) => answer(context, (asker) => applyConfig(deps, asker, request)),
    listConfigRevisions: (request, context) => answer(context, (asker) => listConfigRevisions(deps, asker, request)),
    rollbackConfig: (request, context) => answer(context, (asker) => rollbackConfig(deps, asker, request)),
  };
}
