import type { ServiceImpl } from '@connectrpc/connect';
import type { ConfigService } from '../../gen/sluice/admin/v1/config_service_pb.ts';
import type { ConfigDeps } from '../admin/admit-admin.ts';
import { applyConfig, rollbackConfig } from '../admin/change-config.ts';
import { getConfig } from '../admin/get-config.ts';
import { listConfigRevisions } from '../admin/list-config-revisions.ts';
import { validateConfig } from '../admin/validate-config.ts';
import { answerRpc, type RpcDeps } from './rpc-call.ts';

export function configService(deps: RpcDeps & ConfigDeps): ServiceImpl<typeof ConfigService> {
  return {
    getConfig: (_, context) => answerRpc(deps, context, (asker) => getConfig(deps, asker)),
    validateConfig: ({ yaml }, context) => answerRpc(deps, context, (asker) => validateConfig(deps, asker, yaml)),
    applyConfig: (request, context) => answerRpc(deps, context, (asker) => applyConfig(deps, asker, request)),
    listConfigRevisions: (request, context) =>
      answerRpc(deps, context, (asker) => listConfigRevisions(deps, asker, request)),
    rollbackConfig: (request, context) => answerRpc(deps, context, (asker) => rollbackConfig(deps, asker, request)),
  };
}
