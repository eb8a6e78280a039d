import { parseDuration } from '../../core/duration.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { readRetryAfter } from '../../core/retry-after.ts';
import { AttemptError, type AttemptFailure } from '../../errors/attempt-error.ts';
import { REASON_TABLE } from '../../errors/reason-table.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { classifyFailure } from '../classify-failure.ts';
import type { HttpFailure } from '../dialect.ts';
import { type Complaint, complaintOf, readComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, objectsOf, stringOf } from '../read-answer.ts';

// google.rpc.Status as JSON, {"error":{code,message,status,details}}: https://cloud.google.com/apis/design/errors

const DETAIL = 'type.googleapis.com/google.rpc.';

/** The envelope for the caller. Google's status words are those of gRPC, as are Connect's. */
export function encodeError(error: SluiceError): string {
  const { code, status } = REASON_TABLE[error.reason];
  const { message, param, reason, metadata, retryAfterMs } = error;
  const details: JsonObject[] = [{ '@type': `${DETAIL}ErrorInfo`, reason, domain: 'sluice.dev', metadata }];
  if (param !== undefined) {
    const fieldViolations = [{ field: param, description: message }];
    details.push({ '@type': `${DETAIL}BadRequest`, fieldViolations });
  }
  if (retryAfterMs !== undefined) {
    details.push({ '@type': `${DETAIL}RetryInfo`, retryDelay: `${retryAfterMs / 1000}s` });
  }
  const word = code === 'canceled' ? 'CANCELLED' : code.toUpperCase();
  return JSON.stringify({ error: { code: status, message, status: word, details } });
}

/** Classifies a failed answer. */
export function decodeError(failure: HttpFailure): AttemptError {
  return attemptError(failure.status, statusOfText(failure.text), {
    complaint: readComplaint(failure.text),
    retryAfterMs: readRetryAfter(failure),
  });
}

/** The same of an error that came with a status of success, in one piece or within a stream; it has its own code. */
export function inBandError(json: JsonObject): AttemptError {
  return attemptError(200, objectOf(json['error']) ?? {}, { complaint: complaintOf(json), retryAfterMs: undefined });
}

/** The status within a body; some errors come in an array. */
function statusOfText(text: string): JsonObject {
  try {
    const json: JsonValue = JSON.parse(text);
    return objectOf((objectOf(json) ?? objectsOf(json)[0])?.['error']) ?? {};
  } catch {
    return {};
  }
}

interface Heard {
  readonly complaint: Complaint;
  /** What the headers say. */
  readonly retryAfterMs: number | undefined;
}

function attemptError(httpStatus: number, error: JsonObject, { complaint, retryAfterMs }: Heard): AttemptError {
  const own = countOf(error['code']) ?? 0;
  const status = httpStatus < 400 && own >= 400 && own < 600 ? own : httpStatus;
  const word = stringOf(error['status']);
  const wait = retryAfterMs ?? retryDelayOf(error);
  const param = stringOf(objectsOf(detailOf(error, 'BadRequest')['fieldViolations'])[0]?.['field']) || complaint.param;
  const said = word === '' ? '' : ` (${word.slice(0, 100)})`;
  return new AttemptError(failureOf(status, error, complaint), `The provider answered ${httpStatus}${said}.`, {
    status,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(complaint.message === '' ? {} : { providerMessage: complaint.message }),
    ...(word === '' ? {} : { providerCode: word }),
    ...(param === '' ? {} : { param }),
  });
}

function detailOf(error: JsonObject, type: string): JsonObject {
  return objectsOf(error['details']).find((detail) => detail['@type'] === DETAIL + type) ?? {};
}

/** RetryInfo's delay, as in "34.074824224s". */
function retryDelayOf(error: JsonObject): number | undefined {
  const wait = parseDuration(stringOf(detailOf(error, 'RetryInfo')['retryDelay']));
  return wait === undefined ? undefined : Math.ceil(wait);
}

/** What Google says in prose or in the reason of ErrorInfo, and what it means whatever the status. */
const FAILURE_OF_PROSE: readonly (readonly [RegExp, AttemptFailure])[] = [
  [/api key (?:not valid|expired|not found)|API_KEY_INVALID|API_KEY_SERVICE_BLOCKED/i, 'CREDENTIAL_REJECTED'],
  [/user location is not supported|BILLING_DISABLED|SERVICE_DISABLED|CONSUMER_SUSPENDED/i, 'CREDENTIAL_REJECTED'],
  [/token count\b.{0,40}\bexceeds the maximum/i, 'CONTEXT_LENGTH_EXCEEDED'],
];

const FAILURE_OF_WORD: ReadonlyMap<string, AttemptFailure> = new Map<string, AttemptFailure>([
  ['DEADLINE_EXCEEDED', 'TIMEOUT'],
  ['CANCELLED', 'SERVER_ERROR'],
  ['UNAUTHENTICATED', 'CREDENTIAL_REJECTED'],
]);

function failureOf(status: number, error: JsonObject, complaint: Complaint): AttemptFailure {
  const said = `${complaint.message} ${stringOf(detailOf(error, 'ErrorInfo')['reason'])}`;
  const told = FAILURE_OF_PROSE.find(([pattern]) => pattern.test(said))?.[1];
  if (told !== undefined) return told;
  // A quota of a day is used up for as long as nobody waits; a rate is not.
  if (status === 429 && isSpentForTheDay(error)) return 'CREDENTIAL_REJECTED';
  return FAILURE_OF_WORD.get(stringOf(error['status'])) ?? classifyFailure(status, complaint);
}

function isSpentForTheDay(error: JsonObject): boolean {
  return objectsOf(detailOf(error, 'QuotaFailure')['violations']).some(({ quotaId }) =>
    /PerDay/i.test(stringOf(quotaId)),
  );
}
