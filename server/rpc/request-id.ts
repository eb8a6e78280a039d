import { createContextKey } from '@connectrpc/connect';

/** The id of the call, for everything that names it; the answer's header x-request-id has the same. */
export const requestIdKey = createContextKey('', { description: 'request id' });
