import { reflect } from '@bufbuild/protobuf/reflect';
import { type Config, ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Route } from '../routing/route.ts';
import { checkRoutes } from './check-routes.ts';
import { checkRules } from './check-rules.ts';
import { compileRoutes } from './compile-route.ts';
import { decodeConfig } from './decode-config.ts';
import { parseYaml } from './parse-yaml.ts';
import { placeFindings } from './place-findings.ts';
import type { Finding, Problem } from './problems.ts';
import type { Snapshot } from './snapshot.ts';

export type DraftResult =
  | { readonly kind: 'ok'; readonly snapshot: Snapshot }
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] };

/**
 * The snapshot as it would be with routes of a draft: the text of a sluice.yaml that holds nothing but routes. They take the
 * place of those of the same names; the snapshot itself stays as it is.
 */
export function withDraftRoutes(snapshot: Snapshot, text: string): DraftResult {
  const tree = parseYaml(text);
  const decoded = decodeConfig(tree);
  const { config } = decoded;
  const isTree = tree.errors.length === 0 && !decoded.findings.some(({ path }) => path === '');
  const findings = isTree ? [...foreignFields(config), ...checkRules(config), ...checkDraft(config, snapshot)] : [];
  const problems = placeFindings({ file: 'draft', tree, decoded }, findings);
  if (problems.length > 0) return { kind: 'bad', problems };
  const drafts = compileRoutes(config.routes, snapshot.providers);
  return { kind: 'ok', snapshot: { ...snapshot, routes: new Map([...snapshot.routes, ...drafts]) } };
}

function foreignFields(config: Config): readonly Finding[] {
  const given = reflect(ConfigSchema, config);
  return ConfigSchema.fields
    .filter((field) => field.name !== 'routes' && given.isSet(field))
    .map(({ name }) => ({ path: name, message: 'is not for drafts, which hold routes alone' }));
}

function checkDraft(config: Config, { providers, routes }: Snapshot): readonly Finding[] {
  const names = new Map([...routes].map(([name, route]) => [name, namedBy(route)]));
  return checkRoutes(config.routes, { providers: [...providers.keys()], routes: names });
}

/** The routes that a route and those of the same name refer to; an empty name for a target with a provider. */
function namedBy(route: Route | undefined): readonly string[] {
  if (route === undefined) return [];
  return [...route.targets.map((target) => target.route ?? ''), ...namedBy(route.otherwise)];
}
