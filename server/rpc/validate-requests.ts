import type { DescMessage, Message } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import type { Interceptor } from '@connectrpc/connect';
import { SluiceError } from '../errors/sluice-error.ts';
import { toConnectError } from './connect-error.ts';
import { requestIdKey } from './request-id.ts';

/** Holds every request message to the bounds that its proto states. No handler sees one that breaks them. */
export function validateRequests(): Interceptor {
  const validator = createValidator();
  const check = (schema: DescMessage, message: Message): void => {
    const result = validator.validate(schema, message);
    if (result.kind === 'valid') return;
    if (result.kind === 'error') throw result.error;
    const violations = result.violations.map((violation) => ({
      field: violation.field.length === 0 ? schema.name : (violation.toString().split(': ')[0] ?? ''),
      description: violation.message,
    }));
    const first = violations[0];
    throw new SluiceError('INVALID_REQUEST', `${first?.field}: ${first?.description}`, {
      metadata: { field: first?.field ?? '' },
      violations,
    });
  };
  return (next) => (request) => {
    const requestId = request.contextValues.get(requestIdKey);
    const checked = (message: Message): void => {
      try {
        check(request.method.input, message);
      } catch (thrown) {
        throw thrown instanceof SluiceError ? toConnectError(thrown, requestId) : thrown;
      }
    };
    if (!request.stream) {
      checked(request.message);
      return next(request);
    }
    return next({ ...request, message: each(request.message, checked) });
  };
}

async function* each<T>(messages: AsyncIterable<T>, look: (message: T) => void): AsyncGenerator<T> {
  for await (const message of messages) {
    look(message);
    yield message;
  }
}
