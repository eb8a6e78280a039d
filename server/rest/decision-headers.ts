import { toJson } from '@bufbuild/protobuf';
import { type Decision, DecisionSchema, WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { REASON_TABLE } from '../errors/reason-table.ts';
import type { SluiceError } from '../errors/sluice-error.ts';

type Headers = Record<string, string>;

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
    ...(decision.warnings.length === 0
      ? {}
      : {
          'x-sluice-warnings': headerText(
            decision.warnings.map(({ code, field }) => `${WARNING_WORDS[code]} ${field}`).join(', '),
          ),
        }),
  };
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

/** Names of models are free text; a header takes visible ASCII alone. */
function headerText(text: string): string {
  return encodeURI(text.toWellFormed()).slice(0, 1024);
}
