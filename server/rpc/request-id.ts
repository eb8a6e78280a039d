import { createContextKey, type Interceptor } from '@connectrpc/connect';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';

/** The id of the call, for everything that names it. */
export const requestIdKey = createContextKey('', { description: 'request id' });

/** Gives each call its id. */
export function assignRequestId(clock: Clock): Interceptor {
  return (next) => (request) => {
    request.contextValues.set(requestIdKey, newId('req', clock.now()));
    return next(request);
  };
}
