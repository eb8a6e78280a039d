import type { Route, TargetTraits } from './route.ts';

/** What a model name is looked up in. */
export interface RouteBook {
  readonly routes: ReadonlyMap<string, Route>;
  readonly providers: { get(name: string): TargetTraits | undefined };
  /** Retries and timeouts of "provider/model" addresses. */
  readonly directRoute: Omit<Route, 'name' | 'targets'>;
  /** The provider that a bare name without a route goes to; undefined where such names are unknown. */
  readonly bareModelProvider: string | undefined;
}

/**
 * The route that a model name means: of those of that name the first that is `meant` for the call, else "provider/model".
 * Undefined where it means nothing.
 */
export function resolveRoute(
  book: RouteBook,
  model: string,
  isMeant: (route: Route) => boolean = () => true,
): Route | undefined {
  const named = book.routes.get(model);
  if (named !== undefined) {
    let route: Route | undefined = named;
    while (route !== undefined && !isMeant(route)) route = route.otherwise;
    return route;
  }
  const slash = model.indexOf('/');
  const provider = model.slice(0, slash);
  if (slash > 0 && slash < model.length - 1 && book.providers.get(provider) !== undefined) {
    return direct(book, provider, model.slice(slash + 1));
  }
  return book.bareModelProvider === undefined ? undefined : direct(book, book.bareModelProvider, model);
}

function direct(book: RouteBook, provider: string, model: string): Route {
  const { region, labels, dataPolicy } = book.providers.get(provider) ?? {};
  const target = {
    name: `${provider}/${model}`,
    provider,
    model,
    ...(region !== undefined && { region }),
    ...(labels !== undefined && { labels }),
    ...(dataPolicy !== undefined && { dataPolicy }),
  };
  return { ...book.directRoute, name: '', targets: [target] };
}
