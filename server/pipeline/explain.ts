import { create } from '@bufbuild/protobuf';
import { AttemptReason } from '../../gen/sluice/v1/decision_pb.ts';
import { ErrorReason } from '../../gen/sluice/v1/error_pb.ts';
import type { GatewayControls } from '../../gen/sluice/v1/gateway_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import {
  type ExplainResponse,
  ExplainResponseSchema,
  type PlanStep,
  PlanStepSchema,
} from '../../gen/sluice/v1/routing_service_pb.ts';
import { authenticate } from '../auth/authenticate.ts';
import { allowsModel } from '../auth/key-limits.ts';
import type { Principal } from '../auth/principal.ts';
import { requireRole } from '../auth/role.ts';
import { withDraftRoutes } from '../config/draft-routes.ts';
import { formatProblem } from '../config/problems.ts';
import type { Snapshot, SnapshotHolder } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { estimateInputTokens } from '../limits/estimate-tokens.ts';
import { type Assumption, assumedHealth } from '../routing/assumed-health.ts';
import { failuresLeadingOn } from '../routing/fallback.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import { type RequestView, viewGeneration } from '../routing/request-view.ts';
import type { Route } from '../routing/route.ts';
import type { RoutingState } from '../routing/routing-state.ts';
import type { Caller } from './admit.ts';
import { candidateMessage } from './candidate-message.ts';
import { mergeMetadata } from './merge-metadata.ts';
import { noTargetError } from './no-target-error.ts';
import { meantRoute, planRoute } from './plan-route.ts';

export interface ExplainDeps {
  readonly config: SnapshotHolder;
  readonly clock: Clock;
  readonly routing: Pick<RoutingState, 'health' | 'rotation'>;
}

/** A call that nobody makes. */
export interface ExplainInput {
  readonly caller: Caller;
  /** The id of the key that the call would be made with; empty for the caller's own. */
  readonly keyId: string;
  readonly generation: Generation;
  readonly stream: boolean;
  readonly metadata: Metadata | undefined;
  readonly gateway: GatewayControls | undefined;
  readonly seed: number;
  /** Routes to try, as YAML; empty for none. */
  readonly draftYaml: string;
  /** By name, "provider/model" or provider. */
  readonly assume: ReadonlyMap<string, Assumption>;
}

/**
 * Where a call would go and why: the evaluator of live calls, without any effect. Throws UNAUTHENTICATED, MODEL_NOT_FOUND,
 * INVALID_REQUEST for a draft that is not right.
 */
export function explain(deps: ExplainDeps, input: ExplainInput): ExplainResponse {
  const inForce = deps.config.current();
  const principal = principalOf(inForce, input);
  const snapshot = input.draftYaml === '' ? inForce : withDraft(inForce, input.draftYaml);
  const nowMs = deps.clock.now();
  const request = viewGeneration(input.generation, input.stream, estimateInputTokens);
  const metadata = mergeMetadata(input.metadata, principal.metadata);
  const asked = { request, identity: { metadata, keyId: principal.keyId, nowMs } };
  const route = allowsModel(principal.limits, request.model) ? meantRoute(snapshot, asked) : undefined;
  if (route === undefined) throw unknownModel(request.model);
  const plan = planRoute(
    snapshot,
    { ...asked, route, preferences: input.gateway?.routing },
    {
      health: assumedHealth(deps.routing.health, input.assume, nowMs),
      seed: () => input.seed,
      turn: deps.routing.rotation.peek,
    },
  );
  return describe({ route, plan, request }, snapshot === inForce ? inForce.revision : '', input);
}

function principalOf({ keys }: Snapshot, { caller, keyId }: ExplainInput): Principal {
  const principal = authenticate(keys, caller.keySha256);
  if (keyId === '' || keyId === principal.keyId) return principal;
  requireRole(principal, 'OPERATOR', 'Explain for another key');
  const other = keys.named(keyId);
  if (other !== undefined) return other;
  throw new SluiceError('INVALID_REQUEST', 'key_id: there is no such key', { metadata: { field: 'key_id' } });
}

function withDraft(snapshot: Snapshot, text: string): Snapshot {
  const draft = withDraftRoutes(snapshot, text);
  if (draft.kind === 'ok') return draft.snapshot;
  const told = draft.problems.map(formatProblem);
  throw new SluiceError('INVALID_REQUEST', `draft_yaml: ${told.join('\n')}`, { metadata: { field: 'draft_yaml' } });
}

function unknownModel(model: string): SluiceError {
  return new SluiceError('MODEL_NOT_FOUND', `The model '${model}' does not exist here for this call.`, {
    metadata: { model },
    param: 'model',
  });
}

interface Explained {
  readonly route: Route;
  readonly plan: CallPlan;
  readonly request: RequestView;
}

function describe({ route, plan, request }: Explained, revision: string, { gateway }: ExplainInput): ExplainResponse {
  const first = plan.candidates.find(({ name }) => name === plan.targets[0]?.name);
  return create(ExplainResponseSchema, {
    route: route.name,
    configRevision: revision,
    rule: plan.rule,
    candidates: plan.candidates.map(candidateMessage),
    plan: steps(plan),
    estimate: {
      inputTokens: request.estimatedInputTokens,
      ...(request.maxOutputTokens !== undefined && { maxOutputTokens: request.maxOutputTokens }),
      ...(first?.maxCostNanoUsd !== undefined && { maxCostNanoUsd: first.maxCostNanoUsd }),
    },
    refusal: plan.targets.length === 0 ? ErrorReason[noTargetError(route, plan).reason] : ErrorReason.UNSPECIFIED,
    notes: [...plan.notes],
    maxAttempts: maxAttempts(route, plan, gateway?.maxRetries),
  });
}

function steps({ targets, fallback }: CallPlan): PlanStep[] {
  const reachedBy = failuresLeadingOn(fallback).map((failure) => AttemptReason[failure]);
  return targets.map(({ name, provider, model }, at) =>
    create(PlanStepSchema, { target: name, provider, model, reachedBy: at === 0 ? [] : reachedBy }),
  );
}

function maxAttempts({ retry }: Route, { targets, fallback }: CallPlan, maxRetries: number | undefined): number {
  const each = Math.min(retry.maxAttemptsPerTarget, (maxRetries ?? Number.POSITIVE_INFINITY) + 1);
  return Math.min(targets.length * each, fallback?.maxAttempts ?? Number.POSITIVE_INFINITY);
}
