import type { Decision } from '../../../gen/sluice/v1/decision_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Frame } from '../dialect.ts';

/**
 * The Decision in a keepalive, which is the one event that SDKs pass over: their stream helpers throw at types that they do
 * not know. It has no place in the numbering of the others.
 */
export function decisionFrame({ requestId }: Decision, json: JsonObject): Frame {
  const type = 'keepalive';
  return { event: type, data: JSON.stringify({ type, request_id: requestId, sluice: json }) };
}
