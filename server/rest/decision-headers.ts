import { toJson } from '@bufbuild/protobuf';
import { type Decision, DecisionSchema, type Warning, WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { REASON_TABLE } from '../errors/reason-table.ts';
import type { SluiceError } from '../errors/sluice-error.ts';

type Headers = Record<string, string>;

/** Of 16 KiB that Node's client reads of headers in all, ours shall take a quarter at most. */
const MAX_NAME_LENGTH = 512;
const MAX_WARNINGS_LENGTH = 2560;

const WARNING_WORDS: Readonly<Record<WarningCode, string>> = {
  [WarningCode.UNSPECIFIED]: '',
  [WarningCode.DROPPED]: 'DROPPED',
  [WarningCode.APPROXIMATED]: 'APPROXIMATED',
  [WarningCode.EMULATED]: 'EMULATED',
  [WarningCode.CLAMPED]: 'CLAMPED',
  [WarningCode.DEPRECATED]: 'DEPRECATED',
};

/** The Decision as x-sluice-* headers: what is known when the headers go out. */
export function decisionHeaders(decision: Decision): Headers {
  const last = decision.attempts.at(-1);
  return {
    'x-sluice-revision': decision.configRevision,
    'x-sluice-attempts': String(decision.attempts.length),
    ...(decision.route === '' ? {} : { 'x-sluice-route': headerText(decision.route) }),
    ...(last === undefined
      ? {}
      : { 'x-sluice-provider': headerText(last.provider), 'x-sluice-model': headerText(last.model) }),
    ...(decision.cost && { 'x-sluice-cost-nano-usd': String(decision.cost.nanoUsd) }),
    ...warningHeaders(decision.warnings),
  };
}

/** A list as RFC 9110, 5.6.1 has it, one "KIND path" for each warning; where it would be too long, the number of those left out. */
function warningHeaders(warnings: readonly Warning[]): Headers {
  const entries = warnings.map(({ code, field }) => `${WARNING_WORDS[code]} ${listItem(field)}`);
  let length = 0;
  const tooLong = entries.findIndex((entry) => {
    length += entry.length + 2;
    return length > MAX_WARNINGS_LENGTH;
  });
  const shown = tooLong < 0 ? entries : entries.slice(0, tooLong);
  return {
    ...(shown.length > 0 && { 'x-sluice-warnings': shown.join(', ') }),
    ...(shown.length < entries.length && { 'x-sluice-warnings-omitted': String(entries.length - shown.length) }),
  };
}

/** Warnings for people who read a stream, as the header has them. */
export function warningText(warnings: readonly Warning[]): string {
  return Object.entries(warningHeaders(warnings))
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
}

/** The headers of an error answer: its reason, whether a retry can help, and when. */
export function errorHeaders(error: SluiceError): Headers {
  const { retryable } = REASON_TABLE[error.reason];
  return {
    ...(error.decision === undefined ? {} : decisionHeaders(error.decision)),
    'x-sluice-reason': error.reason,
    // OpenAI's SDKs obey this before anything else.
    'x-should-retry': String(retryable),
    ...(error.retryAfterMs === undefined
      ? {}
      : {
          'retry-after': String(Math.ceil(error.retryAfterMs / 1000)),
          'retry-after-ms': String(Math.ceil(error.retryAfterMs)),
        }),
  };
}

/** The Decision as the member "sluice" of a body, in ProtoJSON. */
export function decisionJson(decision: Decision): JsonObject {
  const json: unknown = toJson(DecisionSchema, decision);
  return isJsonObject(json) ? json : {};
}

/** Names of models are free text; a header takes printable ASCII alone, and as it is. The rest is percent-encoded. */
function headerText(text: string): string {
  return percentEncode(text, /[^\x20-\x7e]/gu)
    .slice(0, MAX_NAME_LENGTH)
    .trim();
}

/** The same for an item of a list, whose paths may hold names that callers made up: without spaces and commas. */
function listItem(text: string): string {
  return percentEncode(text, /[^\x21-\x2b\x2d-\x7e]/gu);
}

function percentEncode(text: string, characters: RegExp): string {
  return text.toWellFormed().replaceAll(characters, encodeURIComponent);
}
