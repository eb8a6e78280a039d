import type { AttemptFailure } from '../errors/attempt-error.ts';
import type { Complaint } from './provider-complaint.ts';

/** What AWS has against keys and accounts: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html */
const AWS_CREDENTIAL = [
  'accessdeniedexception',
  'expiredtokenexception',
  'incompletesignature',
  'invalidclienttokenid',
  'invalidsignatureexception',
  'missingauthenticationtoken',
  'missingauthenticationtokenexception',
  'notauthorized',
  'optinrequired',
  'servicequotaexceededexception', // with 400: a quota of the account is used up
  'unrecognizedclientexception',
];

/** Codes and types of errors, in lower case, that say more than the status that they come with. */
const FAILURE_OF_WORD: ReadonlyMap<string, AttemptFailure> = new Map<string, AttemptFailure>([
  ...words('CONTEXT_LENGTH_EXCEEDED', [
    'context_length_exceeded', // OpenAI, Azure, Groq, Cerebras
    'exceed_context_size_error', // llama.cpp
    'context_window_exceeded',
    'context_length_error',
  ]),
  ...words('CONTENT_FILTERED', [
    'content_filter', // Azure
    'content_policy_violation', // OpenAI
    'responsibleaipolicyviolation', // Azure
    'data_inspection_failed', // Alibaba
    'moderation_blocked',
    'image_content_policy_violation', // OpenAI, of responses
    'bio_policy', // OpenAI, of responses
  ]),
  ...words('CREDENTIAL_REJECTED', [
    'insufficient_quota', // OpenAI
    'billing_hard_limit_reached', // OpenAI
    'billing_not_active', // OpenAI
    'access_terminated', // OpenAI
    'exceeded_current_quota_error', // Moonshot
    'insufficient_balance',
    'insufficient_credits',
    'invalid_api_key', // OpenAI, Groq
    'invalid_authentication_error', // Moonshot
    'authentication_error',
    'permission_error',
    'billing_error', // Anthropic
    ...AWS_CREDENTIAL,
  ]),
  ...words('OVERLOADED', [
    'overloaded',
    'overloaded_error',
    'engine_overloaded_error', // Moonshot, with 429
    'server_overloaded',
    'model_overloaded',
    'service_unavailable',
    'service_unavailable_error',
    'serviceunavailableexception', // Bedrock
    'modelnotreadyexception', // Bedrock, with 429
  ]),
  ...words('RATE_LIMITED', [
    'throttlingexception', // Bedrock
  ]),
  ...words('MODEL_NOT_FOUND', [
    'model_not_found', // OpenAI, Groq
    'model_not_exist',
    'invalid_model', // Mistral
    'model_not_available',
    'model_decommissioned', // Groq, with 400
    'deploymentnotfound', // Azure
    'resourcenotfoundexception', // Bedrock
  ]),
]);

function words(failure: AttemptFailure, list: readonly string[]): [string, AttemptFailure][] {
  return list.map((word) => [word, failure]);
}

/** The same said in prose by servers without such codes: vLLM, llama.cpp, TGI, Mistral, xAI, Bedrock, Cohere and others. */
const TOO_LONG =
  /(?:maximum|model'?s?) context length|maximum (?:model|prompt|input) length|exceeds?(?: the)?(?: available| model'?s?| maximum)? context|context (?:length|window|size)(?: is| was)? exceeded|prompt (?:is|\([^)]*\) is) too long|too long to fit into the model|reduce the length of the|`?inputs`? tokens \+ `?max_new_tokens|input(?: text)? is too long|input tokens exceed|too many tokens: total/i;

/** Statuses with which that prose is believed. Not 429: "too many tokens" is about a rate there. */
const TOO_LONG_STATUSES: ReadonlySet<number> = new Set([400, 413, 422, 500]);

/** xAI answers 400 here; Anthropic does where the account has run dry. */
const WRONG_KEY = /(?:incorrect|invalid) api[- ]?key|credit balance is too low/i;

/** Anthropic has no code for it. */
const FILTERED = /blocked by (?:our )?content filter/i;

const FAILURE_OF_STATUS: ReadonlyMap<number, AttemptFailure> = new Map<number, AttemptFailure>([
  [401, 'CREDENTIAL_REJECTED'],
  [402, 'CREDENTIAL_REJECTED'],
  [403, 'CREDENTIAL_REJECTED'],
  [408, 'TIMEOUT'],
  [424, 'SERVER_ERROR'], // Bedrock: the model failed
  [429, 'RATE_LIMITED'],
  [498, 'CREDENTIAL_REJECTED'], // Cohere: a blocked key
  [503, 'OVERLOADED'],
  [529, 'OVERLOADED'],
]);

/** Error types of OpenAI's envelope, for errors that come with a status of success. */
const FAILURE_OF_TYPE: ReadonlyMap<string, AttemptFailure> = new Map<string, AttemptFailure>([
  ['rate_limit_error', 'RATE_LIMITED'],
  ['rate_limit_exceeded', 'RATE_LIMITED'],
  ['rate_limit_reached_error', 'RATE_LIMITED'],
  ['tokens', 'RATE_LIMITED'],
  ['requests', 'RATE_LIMITED'],
  ['timeout', 'TIMEOUT'],
  ['timeout_error', 'TIMEOUT'],
  ['invalid_request_error', 'INVALID_REQUEST'],
  ['badrequesterror', 'INVALID_REQUEST'],
  ['validationexception', 'INVALID_REQUEST'], // Bedrock
  ['modeltimeoutexception', 'TIMEOUT'], // Bedrock
  // OpenAI, of responses that failed.
  ['invalid_prompt', 'INVALID_REQUEST'],
  ['invalid_image', 'INVALID_REQUEST'],
  ['invalid_image_format', 'INVALID_REQUEST'],
  ['invalid_base64_image', 'INVALID_REQUEST'],
  ['invalid_image_url', 'INVALID_REQUEST'],
  ['image_too_large', 'INVALID_REQUEST'],
  ['image_too_small', 'INVALID_REQUEST'],
  ['image_parse_error', 'INVALID_REQUEST'],
  ['invalid_image_mode', 'INVALID_REQUEST'],
  ['image_file_too_large', 'INVALID_REQUEST'],
  ['unsupported_image_media_type', 'INVALID_REQUEST'],
  ['empty_image_file', 'INVALID_REQUEST'],
  ['failed_to_download_image', 'INVALID_REQUEST'],
  ['image_file_not_found', 'INVALID_REQUEST'],
]);

/**
 * What a failed answer means. Codes come first, then prose, then the status; within a stream or beside a status of
 * success, a code that is an HTTP status counts as one.
 */
export function classifyFailure(status: number, complaint: Complaint): AttemptFailure {
  const said = [complaint.code, complaint.type].map((word) => word.toLowerCase());
  const told = said.map((word) => FAILURE_OF_WORD.get(word)).find((failure) => failure !== undefined);
  if (told !== undefined) return told;
  const code = Number(complaint.code);
  const effective = status < 400 && code >= 400 && code < 600 ? code : status;
  if ((effective < 400 || TOO_LONG_STATUSES.has(effective)) && TOO_LONG.test(complaint.message)) {
    return 'CONTEXT_LENGTH_EXCEEDED';
  }
  if (effective === 400 && WRONG_KEY.test(complaint.message)) return 'CREDENTIAL_REJECTED';
  if (effective <= 400 && FILTERED.test(complaint.message)) return 'CONTENT_FILTERED';
  if (effective < 400) {
    return said.map((word) => FAILURE_OF_TYPE.get(word)).find((failure) => failure !== undefined) ?? 'SERVER_ERROR';
  }
  if (effective === 404) return ofNotFound(complaint);
  return FAILURE_OF_STATUS.get(effective) ?? (effective >= 500 ? 'SERVER_ERROR' : 'INVALID_REQUEST');
}

/** A 404 that says something, and not of a model, is about an address or a file. */
function ofNotFound({ message, code, type, param }: Complaint): AttemptFailure {
  const said = `${message} ${code} ${type} ${param}`;
  return message === '' || /model|deployment|engine/i.test(said) ? 'MODEL_NOT_FOUND' : 'INVALID_REQUEST';
}
