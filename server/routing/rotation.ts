/** Whose turn it is, route by route, for ROUND_ROBIN. */
export interface Rotation {
  /** The turn of the next call, without taking it. */
  peek(route: string): number;
  take(route: string): number;
}

export function createRotation(): Rotation {
  const turns = new Map<string, number>();
  return {
    peek: (route) => turns.get(route) ?? 0,
    take(route) {
      const turn = turns.get(route) ?? 0;
      turns.set(route, (turn + 1) % 2 ** 31);
      return turn;
    },
  };
}
