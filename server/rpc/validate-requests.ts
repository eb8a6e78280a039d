import type { DescMessage, Message } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { SluiceError } from '../errors/sluice-error.ts';
import { toConnectError } from './connect-error.ts';

/** Looks at a request message of the call with that id. Throws what its caller is told. */
export type RequestCheck = (schema: DescMessage, message: Message, requestId: string) => void;

/** Holds every request message to the bounds that its proto states. No handler sees one that breaks them. */
export function validateRequests(): RequestCheck {
  const validator = createValidator();
  return (schema, message, requestId) => {
    const result = validator.validate(schema, message);
    if (result.kind === 'valid') return;
    if (result.kind === 'error') throw result.error;
    const violations = result.violations.map((violation) => ({
      field: violation.field.length === 0 ? schema.name : (violation.toString().split(': ')[0] ?? ''),
      description: violation.message,
    }));
    const first = violations[0];
    const error = new SluiceError('INVALID_REQUEST', `${first?.field}: ${first?.description}`, {
      metadata: { field: first?.field ?? '' },
      violations,
    });
    throw toConnectError(error, requestId);
  };
}
