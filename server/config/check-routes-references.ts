import type { Route } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Referable } from './check-routes.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './problems.ts';

/** Targets of all routes that a route leads to. A few routes that name each other twice could make millions. */
const MAX_LEAVES = 256;

/** Checks that routes named by targets exist, and that nobody follows them in a circle or forever. */
export function checkRouteReferences(routes: readonly Route[], { routes: others }: Referable): readonly Finding[] {
  const references = new Map<string, string[]>();
  for (const [name, named] of others ?? []) references.set(name, [...named]);
  const own = Map.groupBy(routes, ({ name }) => name);
  // Routes of one name are one for this purpose: each of them may be the one that is meant.
  for (const [name, group] of own) {
    references.set(
      name,
      group.flatMap(({ targets }) => targets.map(({ route }) => route)),
    );
  }
  const sizes = new Map<string, number>();
  return routes.flatMap((route, at) =>
    route.targets.flatMap(({ route: named }, index) => {
      if (named === '') return [];
      const message = complaint(named, route.name, { references, sizes });
      return message === undefined ? [] : [{ path: `routes[${at}].targets[${index}].route`, message }];
    }),
  );
}

interface Book {
  /** The routes that each route's targets name; an empty name for a target with a provider. */
  readonly references: ReadonlyMap<string, readonly string[]>;
  readonly sizes: Map<string, number>;
}

function complaint(named: string, from: string, book: Book): string | undefined {
  const { references } = book;
  if (!references.has(named)) return `no route is named "${named}"${didYouMean(named, references.keys())}`;
  const circle = pathTo(from, named, references);
  if (circle !== undefined) return `leads in a circle: ${[from, ...circle].join(' -> ')}`;
  const leaves = sizeOf(named, book);
  return leaves > MAX_LEAVES ? `leads to more than ${MAX_LEAVES} targets` : undefined;
}

/** A way from a route to the wanted one; undefined where there is none. */
function pathTo(wanted: string, start: string, references: Book['references']): readonly string[] | undefined {
  const seen = new Set<string>();
  const trails: (readonly string[])[] = [[start]];
  for (let trail = trails.pop(); trail !== undefined; trail = trails.pop()) {
    const last = trail.at(-1) ?? '';
    if (last === wanted) return trail;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const next of references.get(last) ?? []) if (next !== '') trails.push([...trail, next]);
  }
  return undefined;
}

/** How many targets a route leads to. Those of a circle, which is told of by itself, need not be right. */
function sizeOf(name: string, book: Book): number {
  const known = book.sizes.get(name);
  if (known !== undefined) return known;
  book.sizes.set(name, 0);
  const named = book.references.get(name) ?? [];
  const size = named.reduce((sum, each) => sum + (each === '' ? 1 : sizeOf(each, book)), 0);
  book.sizes.set(name, size);
  return size;
}
