import type { Decision } from '../../../gen/sluice/v1/decision_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Frame } from '../dialect.ts';

/** The Decision as a chunk of its own, without choices, so that SDKs pass over it. */
export function decisionFrame({ requestId, attempts }: Decision, json: JsonObject): Frame {
  return {
    event: '',
    data: JSON.stringify({
      id: requestId,
      object: 'text_completion',
      created: Number(attempts[0]?.startTime?.seconds ?? 0),
      model: attempts.at(-1)?.model ?? '',
      choices: [],
      sluice: json,
    }),
  };
}
