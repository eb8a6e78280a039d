import { SluiceError } from '../errors/sluice-error.ts';
import type { Fault, FaultUse, Scene } from './faults/fault.ts';

/** What all faults of a request find, whatever their parameters. */
export type SceneGround = Pick<Scene, 'stream' | 'nowMs' | 'encodeError' | 'encodeFrames' | 'errorFrames'>;

/** A fault that strikes a request, in its scene. */
export interface Strike {
  readonly fault: Fault;
  readonly scene: Scene;
}

/** Sets the scenes of faults. Their parameters are read later: Scene.number throws SluiceError INVALID_REQUEST. */
export function setScenes(uses: readonly FaultUse[], ground: SceneGround): readonly Strike[] {
  return uses.map((use) => ({ fault: use.fault, scene: sceneOf(use, ground) }));
}

function sceneOf({ fault, values }: FaultUse, ground: SceneGround): Scene {
  const word = (parameter: string): string => values.get(parameter) ?? '';
  return {
    ...ground,
    word,
    number(parameter) {
      const value = Number(word(parameter));
      if (Number.isFinite(value) && value >= 0) return value;
      throw new SluiceError('INVALID_REQUEST', `${parameter} of the fault ${fault.name} must be a number, 0 or more.`, {
        param: 'x-sim-fault',
      });
    },
  };
}
