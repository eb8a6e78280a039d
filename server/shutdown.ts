import type { App } from './app.ts';
import type { Clock, Timer } from './core/clock.ts';
import { SluiceError } from './errors/sluice-error.ts';
import type { LiveCalls } from './pipeline/live-call.ts';

export interface ShutdownDeps {
  readonly app: App;
  readonly liveCalls: LiveCalls;
  readonly clock: Clock;
}

/** After their error has been written, so long may clients take to read it. */
const LAST_WORDS_MS = 1000;

const TIDY_EVERY_MS = 50;

/**
 * Ends the server without losing a call: not ready at once, then no new connections, then what runs may finish, then
 * what still runs is ended with SHUTTING_DOWN in its caller's format, and settled.
 */
export async function shutDown(
  { app, liveCalls, clock }: ShutdownDeps,
  { drainDelayMs, drainDeadlineMs }: { readonly drainDelayMs: number; readonly drainDeadlineMs: number },
): Promise<void> {
  app.readiness.ready = false;
  await pass(clock, drainDelayMs);
  // Connections, not calls, are waited for: a call is settled before its last byte has reached a slow reader.
  const closed = app.port.drain();
  const tidying = tidy(clock, () => app.port.closeIdle());
  await Promise.race([closed, pass(clock, drainDeadlineMs)]);
  liveCalls.endAll(new SluiceError('SHUTTING_DOWN', 'The server is stopping; try again.', { retryAfterMs: 1000 }));
  await Promise.race([closed, pass(clock, LAST_WORDS_MS)]);
  tidying.stop();
  app.port.destroy();
}

/** Closes connections as they fall idle. */
function tidy(clock: Clock, closeIdle: () => void): Timer {
  let timer: Timer | undefined;
  const again = (): void => {
    closeIdle();
    timer = clock.schedule(TIDY_EVERY_MS, again);
  };
  again();
  return { stop: () => timer?.stop() };
}

function pass(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(milliseconds, resolve);
  });
}
