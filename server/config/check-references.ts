import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './problems.ts';

/** Checks that names are given once, and that what they refer to exists. */
export function checkReferences(config: Config): readonly Finding[] {
  return [
    ...repeated(
      'providers',
      'name',
      config.providers.map((provider) => provider.name),
    ),
    ...repeated(
      'routes',
      'name',
      config.routes.map((route) => route.name),
    ),
    ...repeated(
      'keys',
      'id',
      config.keys.map((key) => key.id),
    ),
    ...unknownTargets(config),
  ];
}

function repeated(list: string, field: string, names: readonly string[]): readonly Finding[] {
  const first = new Map<string, number>();
  return names.flatMap((name, index) => {
    const taken = first.get(name);
    if (taken === undefined) first.set(name, index);
    // An empty name is a problem of its own, told once.
    if (taken === undefined || name === '') return [];
    return [{ path: `${list}[${index}].${field}`, message: `"${name}" is taken by ${list}[${taken}]` }];
  });
}

function unknownTargets(config: Config): readonly Finding[] {
  const known = new Set(config.providers.map((provider) => provider.name));
  return config.routes.flatMap((route, at) =>
    route.targets.flatMap(({ provider }, index) => {
      if (provider === '' || known.has(provider)) return [];
      const message = `no provider is named "${provider}"${didYouMean(provider, known)}`;
      return [{ path: `routes[${at}].targets[${index}].provider`, message }];
    }),
  );
}
