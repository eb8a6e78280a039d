import type { Clock } from '../core/clock.ts';
import type { TargetLimits } from './route.ts';
import type { TargetAddress } from './target-health.ts';

/** Room for one attempt at a target, kept until it is given back: by then the attempt has begun, or never will. */
export interface Room<T extends TargetAddress> {
  readonly kind: 'room';
  readonly target: T;
  giveBack(): void;
}

/** Nothing had room: too many wait already, or the wait was too long. */
export interface NoRoom {
  readonly kind: 'full' | 'timeout';
}

/** Where calls wait for targets that have as many as a route allows: first come, first served. */
export interface TargetQueue {
  hasRoom(target: TargetAddress, limits: TargetLimits): boolean;
  /** Waits until one of some targets has room, at least one. Rejects with the signal's reason. */
  wait<T extends TargetAddress>(
    targets: readonly T[],
    limits: TargetLimits,
    signal: AbortSignal,
  ): Promise<Room<T> | NoRoom>;
  /** An attempt at a target has ended. */
  freed(target: TargetAddress): void;
}

interface Waiter {
  readonly limits: TargetLimits;
  take(key: string): void;
}

/** A queue for each target that is waited for, in this process's memory. */
export function createTargetQueue(clock: Clock, inFlight: (target: TargetAddress) => number): TargetQueue {
  const queues = new Map<string, Set<Waiter>>();
  /** Rooms that were given to waiters whose attempts have not begun yet. */
  const kept = new Map<string, number>();

  const hasRoom = (target: TargetAddress, { maxConcurrency }: TargetLimits): boolean =>
    inFlight(target) + (kept.get(keyOf(target)) ?? 0) < maxConcurrency;
  const serve = (target: TargetAddress): void => {
    const key = keyOf(target);
    for (const waiter of queues.get(key) ?? []) {
      if (!hasRoom(target, waiter.limits)) return;
      kept.set(key, (kept.get(key) ?? 0) + 1);
      waiter.take(key);
    }
  };
  const keep = <T extends TargetAddress>(target: T): Room<T> => {
    const key = keyOf(target);
    let isKept = true;
    return {
      kind: 'room',
      target,
      giveBack() {
        if (!isKept) return;
        isKept = false;
        const left = (kept.get(key) ?? 1) - 1;
        if (left === 0) kept.delete(key);
        else kept.set(key, left);
        serve(target);
      },
    };
  };
  const leave = (waiter: Waiter, keys: readonly string[]): void => {
    for (const key of keys) {
      const queue = queues.get(key);
      queue?.delete(waiter);
      if (queue?.size === 0) queues.delete(key);
    }
  };

  return {
    hasRoom,
    wait<T extends TargetAddress>(targets: readonly T[], limits: TargetLimits, signal: AbortSignal) {
      const byKey = new Map(targets.map((target) => [keyOf(target), target]));
      const keys = [...byKey.keys()].filter((key) => (queues.get(key)?.size ?? 0) < limits.maxQueue);
      if (keys.length === 0) return Promise.resolve<NoRoom>({ kind: 'full' });
      return new Promise<Room<T> | NoRoom>((resolve, reject) => {
        const end = (): void => {
          timer.stop();
          signal.removeEventListener('abort', onAbort);
          leave(waiter, keys);
        };
        const waiter: Waiter = {
          limits,
          take(key) {
            end();
            const target = byKey.get(key);
            if (target !== undefined) resolve(keep(target));
          },
        };
        const onAbort = (): void => {
          end();
          reject(signal.reason);
        };
        const timer = clock.schedule(limits.queueTimeoutMs, () => {
          end();
          resolve({ kind: 'timeout' });
        });
        for (const key of keys) join(queues, key, waiter);
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    freed(target) {
      if (queues.size > 0) serve(target);
    },
  };
}

function join(queues: Map<string, Set<Waiter>>, key: string, waiter: Waiter): void {
  const queue = queues.get(key);
  if (queue === undefined) queues.set(key, new Set([waiter]));
  else queue.add(waiter);
}

function keyOf({ provider, model }: TargetAddress): string {
  return `${provider}\0${model}`;
}
