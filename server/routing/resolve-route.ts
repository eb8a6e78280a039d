import type { Route } from './route.ts';

/** What a model name is looked up in. */
export interface RouteBook {
  readonly routes: ReadonlyMap<string, Route>;
  readonly providers: { has(name: string): boolean };
  /** Retries and timeouts of "provider/model" addresses. */
  readonly directRoute: Omit<Route, 'name' | 'targets'>;
  /** The provider that a bare name without a route goes to; undefined where such names are unknown. */
  readonly bareModelProvider: string | undefined;
}

/** The route that a model name means: one of that name, else "provider/model". Undefined where it means nothing. */
export function resolveRoute(book: RouteBook, model: string): Route | undefined {
  const named = book.routes.get(model);
  if (named !== undefined) return named;
  const slash = model.indexOf('/');
  const provider = model.slice(0, slash);
  if (slash > 0 && slash < model.length - 1 && book.providers.has(provider)) {
    return direct(book, provider, model.slice(slash + 1));
  }
  return book.bareModelProvider === undefined ? undefined : direct(book, book.bareModelProvider, model);
}

function direct(book: RouteBook, provider: string, model: string): Route {
  return { ...book.directRoute, name: '', targets: [{ name: `${provider}/${model}`, provider, model }] };
}
