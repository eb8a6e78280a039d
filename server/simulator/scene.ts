import type { Fault, FaultUse, Scene } from './faults/fault.ts';

/** What all faults of a request find, whatever their parameters. */
export type SceneGround = Omit<Scene, 'word' | 'number'>;

/** A fault that strikes a request, in its scene. */
export interface Strike {
  readonly fault: Fault;
  readonly scene: Scene;
}

export function setScenes(uses: readonly FaultUse[], ground: SceneGround): readonly Strike[] {
  return uses.map((use) => ({ fault: use.fault, scene: sceneOf(use.values, ground) }));
}

function sceneOf(values: FaultUse['values'], ground: SceneGround): Scene {
  const word = (parameter: string): string => values.get(parameter) ?? '';
  return {
    ...ground,
    word,
    number: (parameter) => Number(word(parameter)) || 0,
  };
}
