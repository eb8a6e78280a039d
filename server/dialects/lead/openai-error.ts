import type { JsonObject } from '../../core/json.ts';
import { readRetryAfter } from '../../core/retry-after.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import { REASON_TABLE } from '../../errors/reason-table.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { classifyFailure } from './classify-failure.ts';
import type { HttpFailure } from '../dialect.ts';
import { type Complaint, complaintOf, readComplaint } from './provider-complaint.ts';

// The error envelope that all of OpenAI's APIs share: https://platform.openai.com/docs/guides/error-codes

/** {"error":{message,type,param,code}} as JSON text; param is null where there is none. */
export function encodeOpenAiError(error: SluiceError): string {
  const { type, restCode } = REASON_TABLE[error.reason];
  const { message, param = null } = error;
  return JSON.stringify({ error: { message, type, param, code: error.restCode ?? restCode } });
}

/** Classifies a failed answer of a provider that speaks one of OpenAI's APIs, or something like it. */
export function decodeOpenAiError(failure: HttpFailure): AttemptError {
  const retryAfterMs = readRetryAfter(failure);
  return attemptError(failure.status, readComplaint(failure.text), retryAfterMs);
}

/** The same of an error object that came with status 200, in one piece or within a stream. */
export function inBandError(json: JsonObject): AttemptError {
  return attemptError(200, complaintOf(json), undefined);
}

function attemptError(status: number, complaint: Complaint, retryAfterMs: number | undefined): AttemptError {
  const { message, code, type, param } = complaint;
  const providerCode = code || type;
  const said = providerCode === '' ? '' : ` (${providerCode.slice(0, 100)})`;
  return new AttemptError(classifyFailure(status, complaint), `The provider answered ${status}${said}.`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(message === '' ? {} : { providerMessage: message }),
    ...(providerCode === '' ? {} : { providerCode }),
    ...(param === '' ? {} : { param }),
  });
}
