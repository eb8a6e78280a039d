import type { Interceptor } from '@connectrpc/connect';
import { requestIdKey } from './request-id.ts';
import type { RequestCheck } from './validate-requests.ts';

/** The check of messages for the calls that the library's own adapter serves. */
export function checkedMessages(check: RequestCheck): Interceptor {
  return (next) => (request) => {
    const id = request.contextValues.get(requestIdKey);
    const { input } = request.method;
    if (request.stream) {
      return next({ ...request, message: each(request.message, (message) => check(input, message, id)) });
    }
    check(input, request.message, id);
    return next(request);
  };
}

async function* each<T>(messages: AsyncIterable<T>, look: (message: T) => void): AsyncGenerator<T> {
  for await (const message of messages) {
    look(message);
    yield message;
  }
}
