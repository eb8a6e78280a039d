import type { Attempt } from '../../gen/sluice/v1/decision_pb.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import type { ReasonName } from '../errors/sluice-error.ts';
import { createDrill, type DrillInForce } from './drill.ts';
import type { Fault } from './fault.ts';
import type { TargetAddress } from './target-health.ts';

/** Which calls a drill strikes: those that meet all that is said. */
export interface DrillScope {
  /** Undefined: any. */
  readonly keyId?: string;
  /** Undefined: any. */
  readonly route?: string;
  /** By name, "provider/model" or provider; undefined: all. */
  readonly targets?: ReadonlySet<string>;
  /** From 1 to 100: so many of a hundred calls, evenly spread. */
  readonly percent: number;
}

export interface DrillOrder {
  readonly scope: DrillScope;
  readonly fault: Fault;
  readonly durationMs: number;
}

/** A call as drills see it. */
export interface DrilledCall {
  readonly requestId: string;
  readonly keyId: string;
  readonly route: string;
}

/** A struck call that has ended. */
export interface StruckReport extends DrilledCall {
  readonly attempts: readonly Attempt[];
  /** Undefined where it had an answer. */
  readonly failure: ReasonName | undefined;
}

/** A fault for one attempt. */
export interface Strike {
  readonly fault: Fault;
  /** Aborted when the drill is over: nothing may be held up any longer. */
  readonly over: AbortSignal;
}

/** The drills that may strike one call. */
export interface CallDrills {
  /** The fault for an attempt at a target; undefined where no drill strikes it. */
  strike(target: TargetAddress): Strike | undefined;
  /** The call has ended; the drills that struck it are told. */
  settled(attempts: readonly Attempt[], failure: ReasonName | undefined): void;
}

/** The drills in force, in this process's memory alone: none outlives its time, and none the process. */
export interface Drills {
  begin(order: DrillOrder): DrillInForce;
  /** What may strike a call; undefined where no drill is in force. */
  of(call: DrilledCall): CallDrills | undefined;
}

export function createDrills(clock: Clock): Drills {
  const inForce = new Set<DrillInForce>();
  return {
    begin(order) {
      const drill = createDrill(newId('drill', clock.now()), order, clock);
      inForce.add(drill);
      drill.over.addEventListener('abort', () => inForce.delete(drill), { once: true });
      return drill;
    },
    of(call) {
      if (inForce.size === 0) return undefined;
      const drills = [...inForce].flatMap((drill) => drill.of(call) ?? []);
      if (drills.length === 0) return undefined;
      return {
        strike(target) {
          for (const drill of drills) {
            const strike = drill.strike(target);
            if (strike !== undefined) return strike;
          }
          return undefined;
        },
        settled(attempts, failure) {
          for (const drill of drills) drill.settled(attempts, failure);
        },
      };
    },
  };
}
