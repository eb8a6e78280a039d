import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { readRetryAfter } from '../core/retry-after.ts';
import { AttemptError, type AttemptFailure } from '../errors/attempt-error.ts';
import { REASON_TABLE } from '../errors/reason-table.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import type { HttpFailure } from './dialect.ts';

/** How much of a provider's words is kept. */
const MESSAGE_LENGTH = 2000;

/** What an error body says, wherever it says it. */
interface Said {
  readonly message: string | undefined;
  readonly type: string;
  readonly code: string;
  readonly param: string | undefined;
}

/** An error answer of OpenAI's API or of one that follows it, classified by status and body. */
export function decodeError(failure: HttpFailure): AttemptError {
  const said = readSaid(failure.text);
  const reason = classify(failure.status, said);
  return attemptError(reason, said, { status: failure.status, retryAfterMs: readRetryAfter(failure) });
}

/** An error object inside an answer or a stream whose status was 200. */
export function decodeErrorObject(error: JsonValue): AttemptError {
  const said = sayings({ error });
  const status = isJsonObject(error) && typeof error.code === 'number' ? error.code : 200;
  return attemptError(classify(status, said), said, { status, retryAfterMs: undefined });
}

function attemptError(
  reason: AttemptFailure,
  said: Said,
  { status, retryAfterMs }: { readonly status: number; readonly retryAfterMs: number | undefined },
): AttemptError {
  return new AttemptError(reason, `The provider answered ${status}: ${said.message ?? 'no message'}`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(said.message === undefined ? {} : { providerMessage: said.message }),
    ...(said.code === '' ? {} : { providerCode: said.code }),
    ...(said.param === undefined ? {} : { param: said.param }),
  });
}

/** Codes and phrases by which providers tell one failure from others of the same status. */
const BY_WORDS: readonly (readonly [RegExp, AttemptFailure])[] = [
  // OpenAI; vLLM and SGLang ("maximum context length"); llama.cpp; Together and Groq ("reduce the length"); Mistral.
  [
    /context_length_exceeded|exceed_context_size|maximum context length|context (window|length|size)|prompt is too long|too many tokens|reduce the length of the messages/i,
    'CONTEXT_LENGTH_EXCEEDED',
  ],
  [/content_filter|content_policy|ResponsibleAIPolicyViolation|data_inspection_failed/i, 'CONTENT_FILTERED'],
];

const OUT_OF_MONEY = /insufficient_quota|billing|insufficient.balance|credit|payment|account_deactivated|quota_exceeded/i;
const OVERLOADED = /overloaded|capacity|temporarily_unavailable/i;
const MODEL_UNKNOWN = /model_not_found|unknown_model|model.{0,80}(not exist|not found|unknown)|no such model|invalid.model/i;

function classify(status: number, said: Said): AttemptFailure {
  const words = `${said.code} ${said.type} ${said.message ?? ''}`;
  const clientsFault = status === 400 || status === 413 || status === 422 || status === 200 || status === 404;
  if (clientsFault) {
    for (const [pattern, failure] of BY_WORDS) if (pattern.test(words)) return failure;
  }
  if (status === 401 || status === 402 || status === 403) return 'CREDENTIAL_REJECTED';
  // Only codes and types count as a word on money here: the message of an ordinary 429 may speak of billing too.
  if (status === 429) return OUT_OF_MONEY.test(`${said.code} ${said.type}`) ? 'CREDENTIAL_REJECTED' : 'RATE_LIMITED';
  if (status === 408) return 'TIMEOUT';
  if (status === 503 || status === 529) return 'OVERLOADED';
  if (status >= 500) return OVERLOADED.test(`${said.code} ${said.type}`) ? 'OVERLOADED' : 'SERVER_ERROR';
  if (status === 400 || status === 404) return MODEL_UNKNOWN.test(words) ? 'MODEL_NOT_FOUND' : 'INVALID_REQUEST';
  return status >= 400 ? 'INVALID_REQUEST' : byType(said);
}

/** Without a status that says anything, the body's own type and code decide. */
function byType({ type, code }: Said): AttemptFailure {
  const words = `${type} ${code}`;
  if (OVERLOADED.test(words)) return 'OVERLOADED';
  if (/rate_limit/i.test(words)) return 'RATE_LIMITED';
  if (OUT_OF_MONEY.test(words) || /authentication|permission|invalid_api_key/i.test(words)) return 'CREDENTIAL_REJECTED';
  if (MODEL_UNKNOWN.test(words)) return 'MODEL_NOT_FOUND';
  return /invalid_request/i.test(words) ? 'INVALID_REQUEST' : 'SERVER_ERROR';
}

function readSaid(text: string): Said {
  try {
    const value = JSON.parse(text) as JsonValue;
    return sayings(Array.isArray(value) ? (value[0] ?? null) : value);
  } catch {
    // A page of a proxy in between says nothing that a caller could use.
    const plain = /^\s*</.test(text) || text.trim() === '' ? undefined : text.trim().slice(0, MESSAGE_LENGTH);
    return { message: plain, type: '', code: '', param: undefined };
  }
}

/** {error: {…}}, {error: "…"}, {message}, {detail: "…"} and FastAPI's {detail: [{loc, msg}]}. */
function sayings(value: JsonValue): Said {
  if (!isJsonObject(value)) return { message: undefined, type: '', code: '', param: undefined };
  const inner: JsonObject = isJsonObject(value.error) ? value.error : value;
  const message =
    text(inner.message) ?? text(value.error) ?? text(value.detail) ?? fastApiDetail(value.detail) ?? text(inner.msg);
  return {
    message: message?.slice(0, MESSAGE_LENGTH),
    type: text(inner.type) ?? text(inner.status) ?? '',
    code: text(inner.code) ?? (typeof inner.code === 'number' ? String(inner.code) : ''),
    param: text(inner.param),
  };
}

function fastApiDetail(detail: JsonValue | undefined): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  const lines = detail
    .filter(isJsonObject)
    .map((item) => `${Array.isArray(item.loc) ? item.loc.join('.') : ''}: ${text(item.msg) ?? ''}`);
  return lines.length === 0 ? undefined : lines.join('; ');
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The error envelope of OpenAI's API: https://platform.openai.com/docs/guides/error-codes */
export function encodeError(error: SluiceError): string {
  return JSON.stringify(errorObject(error));
}

/** The same before it is text. */
export function errorObject(error: SluiceError): JsonObject {
  const { type, restCode } = REASON_TABLE[error.reason];
  return {
    error: { message: error.message, type, param: error.param ?? null, code: error.restCode ?? restCode },
  };
}
