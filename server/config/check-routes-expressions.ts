import type { Route } from '../../gen/sluice/config/v1/config_pb.ts';
import { complaintOfExpression, type ExpressionKind } from './compile-expression.ts';
import type { Finding } from './problems.ts';

/** Compiles every expression of a route and tries it on a sample. */
export function checkRouteExpressions(route: Route): readonly Finding[] {
  const places: readonly (readonly [path: string, source: string, kind: ExpressionKind])[] = [
    ['when', route.when, 'call'],
    ['constraints.predicate', route.constraints?.predicate ?? '', 'target'],
    ['strategy.sticky.by', route.strategy?.sticky?.by ?? '', 'text'],
    ...route.rules.flatMap(
      (rule, index) =>
        [
          [`rules[${index}].when`, rule.when, 'call'],
          [`rules[${index}].strategy.sticky.by`, rule.strategy?.sticky?.by ?? '', 'text'],
        ] as const,
    ),
    ...route.targets.map((target, index) => [`targets[${index}].when`, target.when, 'target'] as const),
  ];
  return places.flatMap(([path, source, kind]) => {
    const message = complaintOfExpression(source, kind);
    return message === undefined ? [] : [{ path, message }];
  });
}
