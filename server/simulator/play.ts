import type { Finished } from './invoice.ts';
import type { Outlet } from './outlet.ts';
import type { AfterAnswer, Step } from './step.ts';

/** How an answer went. */
export interface Played {
  readonly finished: Finished;
  /** Tokens that had been made when it ended. */
  readonly tokens: number;
  readonly after: AfterAnswer;
}

/** Does the steps of an answer one by one, until the last or until the client goes. */
export async function play(steps: Iterable<Step>, outlet: Outlet): Promise<Played> {
  let tokens = 0;
  let finished: Finished = 'whole';
  let after: AfterAnswer = 'keep';
  for (const step of steps) {
    if (step.kind === 'work') tokens += Math.floor(step.tokens * (await outlet.wait(step.ms)));
    else await send(step, outlet);
    if (outlet.gone && !isBreak(step)) return { finished: 'client-gone', tokens, after };
    if (isBreak(step)) finished = 'fault';
    if (step.kind === 'end') ({ ending: finished, after } = step);
  }
  return { finished, tokens, after };
}

/** Whether a step itself makes the connection go. */
function isBreak(step: Step): boolean {
  return step.kind === 'hang-up' || step.kind === 'reset';
}

async function send(step: Exclude<Step, { kind: 'work' }>, outlet: Outlet): Promise<void> {
  switch (step.kind) {
    case 'head':
      return outlet.head(step.status, step.headers);
    case 'bytes':
      return outlet.write(step.bytes);
    case 'silence':
      return outlet.untilGone();
    case 'end':
      return outlet.end();
    case 'hang-up':
      return outlet.hangUp();
    case 'reset':
      return outlet.reset();
  }
}
