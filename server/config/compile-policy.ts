import { durationMs } from '@bufbuild/protobuf/wkt';
import {
  Choices,
  type Constraints as ConstraintsMessage,
  DataCollection,
  type Fallback as FallbackMessage,
  LatencyMode,
  type Rule as RuleMessage,
  Signal,
  StrategyType as StrategyEnum,
  type Strategy as StrategyMessage,
  StreamFallback,
  Trigger,
} from '../../gen/sluice/config/v1/routing_pb.ts';
import type { AttemptFailure } from '../errors/attempt-error.ts';
import { CAPABILITIES } from '../routing/model-facts.ts';
import { nanoUsdPerMillion } from '../routing/nano-price.ts';
import type { Constraints, FallbackPolicy, Rule, Strategy, StrategyType } from '../routing/route.ts';
import { compileChecked } from './compile-expression.ts';

export function compileConstraints(given: ConstraintsMessage): Constraints {
  const { maxPrice, maxRequestCost, maxLatency } = given;
  const predicate = compileChecked(given.predicate, 'target');
  const capabilities = CAPABILITIES.filter((known) => given.capabilities.includes(known));
  return Object.freeze({
    source: 'constraints',
    ...(given.regions.length > 0 && { regions: given.regions }),
    ...(given.dataCollection === DataCollection.DENY && { denyDataCollection: true }),
    ...(given.zeroDataRetention && { zeroDataRetention: true }),
    ...(capabilities.length > 0 && { capabilities }),
    ...(given.quantizations.length > 0 && { quantizations: given.quantizations }),
    ...(maxPrice?.input !== undefined && { maxInputPrice: nanoUsdPerMillion(maxPrice.input) }),
    ...(maxPrice?.output !== undefined && { maxOutputPrice: nanoUsdPerMillion(maxPrice.output) }),
    ...(maxRequestCost !== undefined && { maxRequestCostNanoUsd: nanoUsdPerMillion(maxRequestCost) }),
    ...(maxLatency?.ttftP95 !== undefined && {
      maxLatency: { ttftP95Ms: durationMs(maxLatency.ttftP95), required: maxLatency.mode === LatencyMode.REQUIRE },
    }),
    ...(predicate !== undefined && { predicate }),
  });
}

const STRATEGIES: ReadonlyMap<StrategyEnum, StrategyType> = new Map([
  [StrategyEnum.ORDERED, 'ORDERED'],
  [StrategyEnum.WEIGHTED, 'WEIGHTED'],
  [StrategyEnum.ROUND_ROBIN, 'ROUND_ROBIN'],
  [StrategyEnum.PEAK_EWMA, 'PEAK_EWMA'],
  [StrategyEnum.LEAST_IN_FLIGHT, 'LEAST_IN_FLIGHT'],
  [StrategyEnum.LATENCY, 'LATENCY'],
  [StrategyEnum.THROUGHPUT, 'THROUGHPUT'],
  [StrategyEnum.PRICE, 'PRICE'],
]);

/** PEAK_EWMA where nothing is said. */
export function compileStrategy(given: StrategyMessage | undefined): Strategy {
  const stickyBy = compileChecked(given?.sticky?.by ?? '', 'text');
  return Object.freeze({
    type: STRATEGIES.get(given?.type ?? StrategyEnum.UNSPECIFIED) ?? 'PEAK_EWMA',
    choices: given?.choices === Choices.TWO ? 'two' : 'all',
    ...(given?.signal === Signal.TTFT && { signal: 'ttft' as const }),
    ...(given?.signal === Signal.TOTAL && { signal: 'total' as const }),
    ...(stickyBy !== undefined && { stickyBy }),
  });
}

/** The failures that each trigger stands for. */
const TRIGGERS: ReadonlyMap<Trigger, readonly AttemptFailure[]> = new Map([
  [Trigger.RATE_LIMITED, ['RATE_LIMITED']],
  [Trigger.OVERLOADED, ['OVERLOADED', 'SATURATED']],
  [Trigger.SERVER_ERROR, ['SERVER_ERROR']],
  [Trigger.TIMEOUT, ['TIMEOUT']],
  [Trigger.CONNECTION, ['CONNECTION', 'INTERRUPTED', 'EGRESS_DENIED']],
  [Trigger.CREDENTIAL_REJECTED, ['CREDENTIAL_REJECTED']],
  [Trigger.MALFORMED, ['MALFORMED']],
  [Trigger.EMPTY_RESPONSE, ['EMPTY_RESPONSE']],
  [Trigger.CONTEXT_LENGTH_EXCEEDED, ['CONTEXT_LENGTH_EXCEEDED']],
  [Trigger.CONTENT_FILTERED, ['CONTENT_FILTERED']],
  [Trigger.MODEL_NOT_FOUND, ['MODEL_NOT_FOUND']],
  [Trigger.SCHEMA_INVALID, ['SCHEMA_INVALID']],
  [Trigger.REFUSAL, ['REFUSAL']],
  // Nothing refuses a target for want of money yet.
  [Trigger.BUDGET_EXCEEDED, []],
]);

export function compileFallback(given: FallbackMessage): FallbackPolicy {
  const on = new Set(given.on.flatMap((trigger) => TRIGGERS.get(trigger) ?? []));
  return Object.freeze({
    ...(given.on.length > 0 && { on }),
    ...(given.maxAttempts !== undefined && { maxAttempts: given.maxAttempts }),
    streams: given.stream !== StreamFallback.NEVER,
    allowed: given.allowFallbacks ?? true,
    ...(given.bufferStreams && { bufferStreams: true }),
  });
}

export function compileRule(given: RuleMessage, index: number): Rule {
  const when = compileChecked(given.when, 'call');
  if (when === undefined) throw new Error('a rule has no condition');
  return Object.freeze({
    name: given.name === '' ? `rules[${index}]` : given.name,
    when,
    ...(given.targets.length > 0 && { targets: new Set(given.targets) }),
    ...(given.strategy !== undefined && { strategy: compileStrategy(given.strategy) }),
    ...(given.fallback !== undefined && { fallback: compileFallback(given.fallback) }),
  });
}
