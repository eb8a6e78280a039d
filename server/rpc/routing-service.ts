import type { ServiceImpl } from '@connectrpc/connect';
import { AssumedHealth, type RoutingService } from '../../gen/sluice/v1/routing_service_pb.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { type DrillDeps, drill } from '../pipeline/drill.ts';
import { type ExplainDeps, explain } from '../pipeline/explain.ts';
import type { LiveCall } from '../pipeline/live-call.ts';
import { type WatchHealthDeps, watchHealth } from '../pipeline/watch-health.ts';
import type { Assumption } from '../routing/assumed-health.ts';
import { openRpcCall, type RpcDeps, rpcCaller, rpcError } from './rpc-call.ts';

const ASSUMPTIONS: ReadonlyMap<AssumedHealth, Assumption> = new Map([
  [AssumedHealth.UP, 'up'],
  [AssumedHealth.DOWN, 'down'],
  [AssumedHealth.THROTTLED, 'throttled'],
]);

export interface RoutingServiceDeps extends RpcDeps, ExplainDeps, DrillDeps, WatchHealthDeps {
  readonly logger: RpcDeps['logger'];
  readonly routing: ExplainDeps['routing'] & DrillDeps['routing'];
  /** Aborted when the server begins to close its connections; watchers must not hold it up. */
  readonly draining: AbortSignal;
}

export function routingService(deps: RoutingServiceDeps): ServiceImpl<typeof RoutingService> {
  return {
    explain(request, context) {
      try {
        const { generation, stream, metadata, gateway, seed = 0, draftYaml, keyId } = request;
        // Validation has seen to it that there is one.
        if (generation === undefined) throw new SluiceError('INVALID_REQUEST', 'generation is required');
        const assume = new Map(Object.entries(request.assume).flatMap(([name, health]) => assumption(name, health)));
        return explain(deps, {
          caller: rpcCaller(context),
          keyId,
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

    async *drill(request, context) {
      const call = openRpcCall(deps, context);
      const stop = endWithDrain(call, deps.draining);
      try {
        yield* drill(deps, { caller: rpcCaller(context), request, signal: call.signal });
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      } finally {
        stop();
        call.close();
      }
    },

    async *getTargetHealth(request, context) {
      const call = openRpcCall(deps, context);
      const stop = endWithDrain(call, deps.draining);
      try {
        yield* watchHealth(deps, request, call.signal);
      } catch (thrown) {
        throw rpcError(deps, context, thrown);
      } finally {
        stop();
        call.close();
      }
    },
  };
}

/** Streams that could go on for an hour end as soon as the server begins to close. Gives back what forgets about it. */
function endWithDrain(call: LiveCall, draining: AbortSignal): () => void {
  const end = (): void => call.end(new SluiceError('SHUTTING_DOWN', 'The server is stopping.', { retryAfterMs: 1000 }));
  if (draining.aborted) end();
  else draining.addEventListener('abort', end, { once: true });
  return () => draining.removeEventListener('abort', end);
}

function assumption(name: string, health: AssumedHealth): readonly (readonly [string, Assumption])[] {
  const known = ASSUMPTIONS.get(health);
  return known === undefined ? [] : [[name, known]];
}
