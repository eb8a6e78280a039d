import type { CountTokensResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { Timeouts } from '../routing/route.ts';
import { readText } from '../upstream/read-text.ts';
import type { AttemptEntry } from './attempt-log.ts';
import { startAttemptTimers } from './attempt-timers.ts';
import { type ExchangeDeps, exchange, type PreparedRequest } from './exchange.ts';
import type { LiveCall } from './live-call.ts';

/** The largest answer in one piece that is taken from a provider. Pictures and sound come in it too. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** A decoded answer; counters of tokens use none themselves. */
interface Answered {
  readonly response: { readonly usage?: Usage | undefined } | CountTokensResponse;
}

/** One try of a call whose answer comes in one piece. Throws AttemptError. */
export async function wholeAnswer<T extends Answered>(
  deps: ExchangeDeps,
  prepared: PreparedRequest & { readonly decode: (text: string) => T },
  attempt: { readonly entry: AttemptEntry; readonly call: LiveCall; readonly timeouts: Timeouts },
): Promise<T> {
  const { entry, call } = attempt;
  const timers = startAttemptTimers(deps.clock, attempt.timeouts, { call, stream: false });
  try {
    const response = await exchange(deps, prepared, { entry, timers });
    const answer = prepared.decode(await readText(response.body, MAX_ANSWER_BYTES, 'fail'));
    entry.contentSeen();
    entry.succeed('usage' in answer.response ? answer.response.usage : undefined);
    return answer;
  } finally {
    timers.stop();
  }
}
