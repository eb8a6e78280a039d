import type { Decision } from '../../../gen/sluice/v1/decision_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Frame } from '../dialect.ts';

const EVENT = 'sluice.decision';

/**
 * The Decision as an event of its own type. The API's readers are told to expect new types of events: the SDKs' message
 * streams pass over it, and their plain streams hand it on as it is.
 */
export function decisionFrame(_decision: Decision, json: JsonObject): Frame {
  return { event: EVENT, data: JSON.stringify({ type: EVENT, sluice: json }) };
}
