import type { Clock, Timer } from '../core/clock.ts';
import { AttemptError, type AttemptErrorInit } from '../errors/attempt-error.ts';
import type { Timeouts } from '../routing/route.ts';
import type { LiveCall } from './live-call.ts';

/** The timers of one attempt and the signal that they, or the end of the call, abort. */
export interface AttemptTimers {
  /** Aborted with an AttemptError TIMEOUT, or with the call's own reason. */
  readonly signal: AbortSignal;
  /** Waiting for the provider begins anew: its headers or bytes have come, or its next bytes are asked for. */
  progress(): void;
  /** Nobody is asking the provider for bytes: a slow caller is not an idle provider. */
  pause(): void;
  /** The first content has come: its timer is done. */
  contentSeen(): void;
  /** Ends the attempt if the body does not end within so many milliseconds. */
  endWithin(milliseconds: number): void;
  stop(): void;
}

/** An attempt ends so long before the call's deadline, so that the caller hears of it before it gives up by itself. */
const LAST_WORDS_MS = 50;

/** stream: whether a first content is awaited; an answer in one piece has only idle and total timers. */
export function startAttemptTimers(
  clock: Clock,
  timeouts: Timeouts,
  { call, stream }: { readonly call: LiveCall; readonly stream: boolean },
): AttemptTimers {
  const controller = new AbortController();
  const timers: Timer[] = [];
  const expire = (timer: NonNullable<AttemptErrorInit['timer']>, ms: number) => () =>
    controller.abort(new AttemptError('TIMEOUT', `The ${timer} timer of ${ms} ms ran out.`, { timer }));

  const leftMs = call.remainingMs();
  const mostMs = Math.max(leftMs - LAST_WORDS_MS, leftMs / 2);
  // What the deadline cuts short is not the target's fault.
  if (timeouts.perTryMs < mostMs) timers.push(clock.schedule(timeouts.perTryMs, expire('total', timeouts.perTryMs)));
  else timers.push(clock.schedule(mostMs, () => call.expire()));
  const firstContent = stream
    ? clock.schedule(timeouts.firstContentMs, expire('first_content', timeouts.firstContentMs))
    : undefined;

  let lastProgress = 0;
  let paused = false;
  let idle: Timer | undefined;
  // Chunks only note the time; the timer looks at it when it fires. Setting a timer for each chunk would cost more than
  // decoding the chunk.
  const watchIdle = (delay: number): void => {
    idle = clock.schedule(delay, () => {
      const silent = paused ? 0 : clock.monotonic() - lastProgress;
      if (silent >= timeouts.idleMs) expire('idle', timeouts.idleMs)();
      else watchIdle(timeouts.idleMs - silent);
    });
  };

  const onCallEnd = (): void => controller.abort(call.signal.reason);
  if (call.signal.aborted) onCallEnd();
  else call.signal.addEventListener('abort', onCallEnd, { once: true });

  return {
    signal: controller.signal,
    pause() {
      paused = true;
    },
    progress() {
      paused = false;
      lastProgress = clock.monotonic();
      if (idle === undefined) watchIdle(timeouts.idleMs);
    },
    contentSeen: () => firstContent?.stop(),
    endWithin: (milliseconds) => {
      timers.push(clock.schedule(milliseconds, expire('idle', milliseconds)));
    },
    stop() {
      for (const timer of timers) timer.stop();
      firstContent?.stop();
      idle?.stop();
      call.signal.removeEventListener('abort', onCallEnd);
    },
  };
}
