import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import { checkCors } from './check-cors.ts';
import { checkKeys } from './check-keys.ts';
import { checkProviders } from './check-providers.ts';
import { checkReferences } from './check-references.ts';
import { checkRoutes } from './check-routes.ts';
import { checkRules } from './check-rules.ts';
import type { Finding } from './problems.ts';

/** All that can be said of a configuration without looking outside it. */
export function validateConfig(config: Config): readonly Finding[] {
  return [
    ...checkRules(config),
    ...checkReferences(config),
    ...checkRoutes(config.routes, { providers: config.providers.map(({ name }) => name) }),
    ...checkProviders(config),
    ...checkKeys(config),
    ...checkCors(config),
  ];
}
