import type { ServiceImpl } from '@connectrpc/connect';
import type { ModelService } from '../../gen/sluice/v1/model_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { getModel, type ListModelsDeps, listModels } from '../pipeline/list-models.ts';
import { type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

/** How many models a page has where the caller does not say. */
const DEFAULT_PAGE = 50;

export function modelService(deps: RpcDeps & ListModelsDeps): ServiceImpl<typeof ModelService> {
  return {
    listModels(request, context) {
      try {
        const models = listModels(deps, rpcCaller(context));
        const start = pageStart(request.pageToken);
        const end = start + (request.pageSize || DEFAULT_PAGE);
        return {
          models: models.slice(start, end),
          nextPageToken: end < models.length ? Buffer.from(String(end)).toString('base64url') : '',
        };
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      }
    },
    getModel(request, context) {
      try {
        return { model: getModel(deps, rpcCaller(context), request.id) };
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      }
    },
  };
}

function pageStart(token: string): number {
  if (token === '') return 0;
  const text = Buffer.from(token, 'base64url').toString();
  if (!/^\d{1,9}$/.test(text)) {
    throw new SluiceError('INVALID_REQUEST', 'page_token: not one that this server made', {
      metadata: { field: 'page_token' },
    });
  }
  return Number(text);
}
