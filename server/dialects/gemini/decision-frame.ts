import type { Decision } from '../../../gen/sluice/v1/decision_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Frame } from '../dialect.ts';

/** The Decision as an event with a name, which the SDKs pass over: chunks of this format have none. */
export function decisionFrame(_decision: Decision, json: JsonObject): Frame {
  return { event: 'sluice.decision', data: JSON.stringify({ sluice: json }) };
}
