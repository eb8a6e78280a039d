import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import { type Health, HealthCheckResponse_ServingStatus as Status } from '../../gen/grpc/health/v1/health_pb.ts';
import type { Readiness } from '../core/readiness.ts';

export interface HealthDeps {
  readonly readiness: Readiness;
  /** Full names of all services of the server. */
  readonly services: readonly string[];
  /** Aborted when the server begins to close its connections; watchers must not hold it up. */
  readonly draining: AbortSignal;
}

/**
 * gRPC's health checks: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 * No key is asked for: load balancers and kubelets have none, and /readyz says the same to everybody.
 */
export function healthService({ readiness, services, draining }: HealthDeps): ServiceImpl<typeof Health> {
  // "" stands for the server as a whole. One readiness speaks for all services: they live and die together.
  const known = new Set(['', ...services]);
  const now = () => ({ status: readiness.ready ? Status.SERVING : Status.NOT_SERVING });
  return {
    check({ service }) {
      if (!known.has(service)) throw new ConnectError(`unknown service: ${service}`, Code.NotFound);
      return now();
    },

    list: () => ({ statuses: Object.fromEntries([...known].map((service) => [service, now()])) }),

    async *watch({ service }, { signal }) {
      const over = AbortSignal.any([signal, draining]);
      // An unknown service gets a stream that stays open, as the protocol wants it, though it will never be known.
      const state = () => (known.has(service) ? now() : { status: Status.SERVICE_UNKNOWN });
      let sent: Status | undefined;
      for (;;) {
        const next = state();
        if (next.status !== sent) {
          sent = next.status;
          yield next;
        }
        // Only after the last state: watchers are to know it before the server is gone.
        if (over.aborted) break;
        await change(readiness, over, () => state().status !== sent);
      }
      throw new ConnectError('The server is stopping.', Code.Unavailable);
    },
  };
}

/** Resolves as soon as something is new, at once where it is already, or when it is over. Leaves no listener behind. */
function change(readiness: Readiness, over: AbortSignal, isNew: () => boolean): Promise<void> {
  if (over.aborted || isNew()) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = (): void => {
      if (!over.aborted && !isNew()) return;
      unsubscribe();
      over.removeEventListener('abort', settle);
      resolve();
    };
    const unsubscribe = readiness.subscribe(settle);
    over.addEventListener('abort', settle);
  });
}
