import type { ServiceImpl } from '@connectrpc/connect';
import { AssumedHealth, type RoutingService } from '../../gen/sluice/v1/routing_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type ExplainDeps, explain } from '../pipeline/explain.ts';
import type { Assumption } from '../routing/assumed-health.ts';
import { type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

const ASSUMPTIONS: ReadonlyMap<AssumedHealth, Assumption> = new Map([
  [AssumedHealth.UP, 'up'],
  [AssumedHealth.DOWN, 'down'],
  [AssumedHealth.THROTTLED, 'throttled'],
]);

export function routingService(deps: RpcDeps & ExplainDeps): ServiceImpl<typeof RoutingService> {
  return {
    explain(request, context) {
      try {
        const { generation, stream, metadata, gateway, seed = 0, draftYaml } = request;
        // Validation has seen to it that there is one.
        if (generation === undefined) throw new SluiceError('INVALID_REQUEST', 'generation is required');
        const assume = new Map(Object.entries(request.assume).flatMap(([name, health]) => assumption(name, health)));
        return explain(deps, {
          caller: rpcCaller(context),
          generation,
          stream,
          metadata,
          gateway,
          seed,
          draftYaml,
          assume,
        });
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      }
    },
  };
}

function assumption(name: string, health: AssumedHealth): readonly (readonly [string, Assumption])[] {
  const known = ASSUMPTIONS.get(health);
  return known === undefined ? [] : [[name, known]];
}
