import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../server/upstream/upstream.ts';

/** What a provider does with one request. `chunks` are sent one by one; 'stall' waits for the abort; an Error is thrown. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks?: readonly (string | Error | 'stall')[];
  /** Thrown instead of an answer; 'stall' never answers. */
  readonly refuse?: Error | 'stall';
}

/** An upstream that answers from a list and remembers what it was asked. The last answer repeats. */
export interface FakeUpstream extends Upstream {
  readonly requests: UpstreamRequest[];
  /** Bodies that were left before their end, by abort or by the reader. */
  readonly left: number;
}

export function createFakeUpstream(answers: readonly Answer[]): FakeUpstream {
  const requests: UpstreamRequest[] = [];
  let left = 0;
  return {
    requests,
    get left() {
      return left;
    },
    async send(request, { signal }) {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? {};
      requests.push(request);
      signal.throwIfAborted();
      if (answer.refuse === 'stall') await aborted(signal);
      if (answer.refuse instanceof Error) throw answer.refuse;
      const body = chunks(answer.chunks ?? [], signal, () => {
        left += 1;
      });
      return {
        status: answer.status ?? 200,
        headers: answer.headers ?? { 'content-type': 'text/event-stream' },
        body,
      } satisfies UpstreamResponse;
    },
    close: () => Promise.resolve(),
  };
}

async function* chunks(
  list: NonNullable<Answer['chunks']>,
  signal: AbortSignal,
  onLeft: () => void,
): AsyncGenerator<Uint8Array> {
  let ended = false;
  try {
    for (const chunk of list) {
      signal.throwIfAborted();
      if (chunk === 'stall') await aborted(signal);
      else if (typeof chunk === 'string') yield Buffer.from(chunk);
      else throw chunk;
    }
    ended = true;
  } finally {
    if (!ended) onLeft();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
