import type { FastifyReply } from 'fastify';
import { REASON_TABLE } from '../errors/reason-table.ts';
import { type SluiceError, toSluiceError } from '../errors/sluice-error.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { errorHeaders } from './decision-headers.ts';

/** Turns an error into a body of the door's format. */
export type EncodeError = (error: SluiceError) => string;

/** Answers with an error, unless nobody is there any more. Faults of our own are logged with their cause. */
export function sendError(
  reply: FastifyReply,
  thrown: unknown,
  { logger, encodeError }: { readonly logger: Logger; readonly encodeError: EncodeError },
): FastifyReply {
  const error = toSluiceError(thrown);
  error.requestId = reply.request.id;
  logFault(logger, error, reply);
  return reply
    .code(REASON_TABLE[error.reason].status)
    .headers(errorHeaders(error))
    .type('application/json')
    .send(encodeError(error));
}

/** Logs what nobody but us can mend. */
export function logFault(logger: Logger, error: SluiceError, reply: FastifyReply): void {
  if (error.reason !== 'INTERNAL') return;
  logger.error('call failed', { request_id: reply.request.id, cause: describeError(error.cause) });
}
