import type { Decision } from '../../../gen/sluice/v1/decision_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Frame } from '../dialect.ts';

/** The Decision as an event of its own, whose type SDKs do not know and so pass over. */
export function decisionFrame(_decision: Decision, json: JsonObject): Frame {
  const type = 'sluice-decision';
  return { event: type, data: JSON.stringify({ type, sluice: json }) };
}
