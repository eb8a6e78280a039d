import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Finding } from './problems.ts';

/** Checks that names of providers and keys are given once. */
export function checkReferences(config: Config): readonly Finding[] {
  return [
    ...repeated(
      'providers',
      'name',
      config.providers.map((provider) => provider.name),
    ),
    ...repeated(
      'keys',
      'id',
      config.keys.map((key) => key.id),
    ),
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
