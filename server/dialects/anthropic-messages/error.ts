import { readRetryAfter } from '../../core/retry-after.ts';
import type { AttemptError } from '../../errors/attempt-error.ts';
import { REASON_TABLE } from '../../errors/reason-table.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { HttpFailure } from '../dialect.ts';
import { decodeOpenAiError } from '../openai-error.ts';

/** An error object within a stream, or with a status of success, is read as OpenAI's is: both have message and type. */
export { inBandError } from '../openai-error.ts';

// https://platform.claude.com/docs/en/api/errors

/** error.type by the status that Sluice answers with; other faults of the caller's are invalid_request_error too. */
const TYPE_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [501, 'invalid_request_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
]);

/** {"type":"error","error":{type,message},"request_id"} as JSON text; the id is null within a stream that no call stands behind. */
export function encodeError(error: SluiceError): string {
  const { message, reason, param, requestId, decision } = error;
  // The envelope has no member for the field: the message says where it stands, as Anthropic's own do.
  const { status } = REASON_TABLE[reason];
  const type = TYPE_OF_STATUS.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const where = param === undefined || message.includes(param) ? '' : `${param}: `;
  return JSON.stringify({
    type: 'error',
    error: { type, message: where + message },
    request_id: requestId || decision?.requestId || null,
  });
}

/** Classifies a failed answer. */
export function decodeError(failure: HttpFailure): AttemptError {
  const wait = failure.status === 429 && readRetryAfter(failure) === undefined ? untilReset(failure) : undefined;
  return decodeOpenAiError(
    wait === undefined ? failure : { ...failure, headers: { ...failure.headers, 'retry-after-ms': String(wait) } },
  );
}

const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/** Milliseconds until every limit that is used up is full again; its reset is a time in RFC 3339. */
function untilReset({ headers, receivedAtMs }: HttpFailure): number | undefined {
  const waits = LIMITS.filter((limit) => headers[`anthropic-ratelimit-${limit}-remaining`] === '0')
    .map((limit) => Date.parse(headers[`anthropic-ratelimit-${limit}-reset`] ?? '') - receivedAtMs)
    .filter((wait) => wait >= 0 && wait < 1e12);
  return waits.length === 0 ? undefined : Math.ceil(Math.max(...waits));
}
