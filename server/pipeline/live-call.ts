import type { Clock, Timer } from '../core/clock.ts';
import { SluiceError } from '../errors/sluice-error.ts';

/** A call under way: its id and the one signal that everything done for it obeys. */
export interface LiveCall {
  readonly requestId: string;
  /** Aborted with a SluiceError (CANCELED, DEADLINE_EXCEEDED, SHUTTING_DOWN) when the call must end early. */
  readonly signal: AbortSignal;
  /** Ends the call early. The first reason stands. */
  end(reason: SluiceError): void;
  /** Ends the call with DEADLINE_EXCEEDED after so many milliseconds from its start. The nearest limit holds. */
  limit(milliseconds: number): void;
  /** Ends the call with DEADLINE_EXCEEDED now. */
  expire(): void;
  /** Milliseconds until the nearest limit; Infinity where there is none. */
  remainingMs(): number;
  /** To be called once when the door is done with the call. */
  close(): void;
}

/** All calls under way in this process. */
export interface LiveCalls {
  readonly size: number;
  open(requestId: string): LiveCall;
  /** Ends every call under way, and every later one at once. */
  endAll(reason: SluiceError): void;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
}

export function createLiveCalls(clock: Clock): LiveCalls {
  const calls = new Set<LiveCall>();
  let waiting: (() => void)[] = [];
  let ended: SluiceError | undefined;
  const remove = (call: LiveCall): void => {
    calls.delete(call);
    if (calls.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    get size() {
      return calls.size;
    },
    open(requestId) {
      const call = createLiveCall(requestId, clock, remove);
      calls.add(call);
      if (ended !== undefined) call.end(ended);
      return call;
    },
    endAll(reason) {
      ended = reason;
      for (const call of calls) call.end(reason);
    },
    idle() {
      return calls.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function createLiveCall(requestId: string, clock: Clock, onClose: (call: LiveCall) => void): LiveCall {
  const controller = new AbortController();
  const startedAt = clock.monotonic();
  let deadline = Number.POSITIVE_INFINITY;
  let timer: Timer | undefined;
  const call: LiveCall = {
    requestId,
    signal: controller.signal,
    end(reason) {
      controller.abort(reason);
      timer?.stop();
    },
    limit(milliseconds) {
      if (startedAt + milliseconds >= deadline || controller.signal.aborted) return;
      deadline = startedAt + milliseconds;
      timer?.stop();
      timer = clock.schedule(deadline - clock.monotonic(), () => call.expire());
    },
    expire() {
      const limitMs = Math.round(deadline - startedAt);
      call.end(new SluiceError('DEADLINE_EXCEEDED', `The call's deadline of ${limitMs} ms passed.`));
    },
    remainingMs: () => deadline - clock.monotonic(),
    close() {
      timer?.stop();
      onClose(call);
    },
  };
  return call;
}
