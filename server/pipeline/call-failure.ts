import { type AttemptError, FAILURE_TABLE } from '../errors/attempt-error.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { Target } from '../routing/route.ts';

/** What callers read where the provider's own words are not theirs to see. */
const MESSAGES: Partial<Record<AttemptError['failure'], (provider: string) => string>> = {
  RATE_LIMITED: (provider) => `The provider ${provider} limits the rate of requests.`,
  OVERLOADED: (provider) => `The provider ${provider} is overloaded.`,
  SERVER_ERROR: (provider) => `The provider ${provider} failed.`,
  TIMEOUT: (provider) => `The provider ${provider} did not answer in time.`,
  CONNECTION: (provider) => `The provider ${provider} could not be reached.`,
  CREDENTIAL_REJECTED: (provider) => `The provider ${provider} refused the gateway's credential or account.`,
  MALFORMED: (provider) => `The answer of the provider ${provider} is not in its format.`,
  EMPTY_RESPONSE: (provider) => `The answer of the provider ${provider} is empty.`,
  INTERRUPTED: (provider) => `The answer of the provider ${provider} broke off.`,
  EGRESS_DENIED: (provider) =>
    `The address of the provider ${provider} is refused; a private one needs allow_private_address.`,
  SATURATED: (provider) => `The provider ${provider} has as many calls as the route allows.`,
  SCHEMA_INVALID: (provider) => `The answer of the provider ${provider} does not meet the request's schema.`,
  REFUSAL: (provider) => `The model of the provider ${provider} declined to answer.`,
};

/** The error that a caller sees when an attempt was the last. */
export function callFailure(error: AttemptError, target: Target): SluiceError {
  const row = FAILURE_TABLE[error.failure];
  const plain = MESSAGES[error.failure]?.(target.provider) ?? `The provider ${target.provider} refused the request.`;
  return new SluiceError(row.reason, row.showProviderMessage ? (error.providerMessage ?? plain) : plain, {
    metadata: {
      provider: target.provider,
      ...(error.failure === 'MODEL_NOT_FOUND' ? { model: target.model } : {}),
      ...(error.status === 0 ? {} : { status: String(error.status) }),
      ...(error.timer === undefined ? {} : { timer: error.timer }),
    },
    ...(row.showProviderMessage && error.param !== undefined ? { param: error.param } : {}),
    ...(row.reason === 'UPSTREAM_REJECTED' && error.providerCode !== undefined ? { restCode: error.providerCode } : {}),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    cause: error,
  });
}

/** The error of a stream that broke after its first content had gone to the caller. */
export function streamFailure(error: AttemptError, target: Target): SluiceError {
  return new SluiceError(
    'STREAM_INTERRUPTED',
    `The answer of the provider ${target.provider} broke off; what came before stands.`,
    { metadata: { provider: target.provider, attempt_reason: error.failure }, cause: error },
  );
}
