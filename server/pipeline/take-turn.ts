import { AttemptError } from '../errors/attempt-error.ts';
import type { Route, Target } from '../routing/route.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import type { LiveCall } from './live-call.ts';

/** The target whose turn it is, with room for one attempt. */
export interface Turn {
  readonly kind: 'turn';
  readonly target: Target;
  /** To be called once the attempt has begun, or where it will not. More often does no harm. */
  begun(): void;
}

/** None has room, and waiting was of no use. */
export interface TurnedAway {
  readonly kind: 'turned-away';
  readonly target: Target;
  readonly error: AttemptError;
}

export interface TurnDeps {
  readonly routing: Pick<RoutingState, 'health' | 'queue'>;
}

/** Callers come back after about as long as calls take to end. */
const COME_BACK_MS = 1000;

interface TurnTaker {
  readonly call: LiveCall;
  readonly route: Route;
}

type Targets = readonly [Target, ...Target[]];

/**
 * The first of the targets that has room; undefined where none has. A target that recovers and has as many calls as it may
 * meanwhile is passed over for others. The attempt has to begin before anything else happens, or the room may be gone.
 */
export function freeTurn(
  { routing: { health, queue } }: TurnDeps,
  { route: { limits } }: TurnTaker,
  targets: Targets,
): Turn | undefined {
  const [first] = targets;
  if (limits === undefined && targets.length === 1) return turn(first);
  const open = limits === undefined ? targets : targets.filter((target) => queue.hasRoom(target, limits));
  const next = open.find((target) => !health.figures(target).isRecoveringFull) ?? open[0];
  return next === undefined ? undefined : turn(next);
}

/** Waits until one of the targets has room. Throws the call's own reason where it ends first. */
export async function awaitTurn(
  { routing: { queue } }: TurnDeps,
  { call, route: { limits } }: TurnTaker,
  targets: Targets,
): Promise<Turn | TurnedAway> {
  const [first] = targets;
  if (limits === undefined) return turn(first);
  const room = await queue.wait(targets, limits, call.signal);
  if (room.kind === 'room') return turn(room.target, room.giveBack);
  const message = room.kind === 'full' ? 'The queue is full.' : `No room within ${limits.queueTimeoutMs} ms.`;
  const error = new AttemptError('SATURATED', message, { retryAfterMs: COME_BACK_MS });
  return { kind: 'turned-away', target: first, error };
}

function turn(target: Target, begun: () => void = () => {}): Turn {
  return { kind: 'turn', target, begun };
}
