import { type Candidate, isEligible, type Rejection, type RejectionName } from './candidate.ts';
import type { TargetLimits } from './route.ts';
import type { TargetHealth } from './target-health.ts';

/** What is relaxed where it would leave nothing, in this order, each besides those before it. */
const RELAXED_IN_ORDER: readonly RejectionName[] = ['EJECTED_UNTIL', 'THROTTLED_UNTIL', 'SATURATED', 'LATENCY_SLO'];

/** What the state of targets is looked at with. */
export interface StateQuestion {
  readonly health: TargetHealth;
  readonly nowMs: number;
  /** Of the route that was asked for. */
  readonly limits: TargetLimits | undefined;
}

/** What the state of a target says against it now. Hard only where a route requires a latency. */
export function stateRejections(candidate: Candidate, { health, nowMs, limits }: StateQuestion): readonly Rejection[] {
  const { figures, constraints } = candidate;
  const { throttledUntilMs, ejectedUntilMs, isRecoveringFull, inFlight } = figures;
  const most = limits?.maxConcurrency ?? Number.POSITIVE_INFINITY;
  const isWell = throttledUntilMs <= nowMs && ejectedUntilMs <= nowMs && !isRecoveringFull && inFlight < most;
  if (isWell && constraints.every(({ maxLatency }) => maxLatency === undefined)) return [];
  return [
    ...slow(candidate, health),
    ...resting('THROTTLED_UNTIL', throttledUntilMs, nowMs),
    ...resting('EJECTED_UNTIL', ejectedUntilMs, nowMs),
    ...(isRecoveringFull ? [RECOVERING] : []),
    ...(inFlight < most ? [] : [saturated(most, inFlight)]),
  ];
}

const RECOVERING: Rejection = {
  code: 'EJECTED_UNTIL',
  field: 'health',
  required: 'available',
  actual: 'recovering, with as many calls as it may have meanwhile',
  soft: true,
};

function saturated(most: number, inFlight: number): Rejection {
  const required = `fewer than ${most} calls`;
  return { code: 'SATURATED', field: 'limits.max_concurrency', required, actual: `${inFlight} calls`, soft: true };
}

function slow({ constraints, target }: Candidate, health: TargetHealth): readonly Rejection[] {
  return constraints.flatMap(({ source, maxLatency }) => {
    if (maxLatency === undefined) return [];
    const found = health.firstContentP95Ms(target);
    if (found === undefined || found <= maxLatency.ttftP95Ms) return [];
    return [
      {
        code: 'LATENCY_SLO',
        field: `${source}.max_latency.ttft_p95`,
        required: `${maxLatency.ttftP95Ms} ms`,
        actual: `${Math.round(found)} ms`,
        soft: !maxLatency.required,
      },
    ];
  });
}

function resting(code: RejectionName, untilMs: number, nowMs: number): readonly Rejection[] {
  if (untilMs <= nowMs) return [];
  const actual = `for ${Math.ceil(untilMs - nowMs)} ms more`;
  return [{ code, field: 'health', required: 'available', actual, soft: true }];
}

/**
 * Where soft rejections leave nothing, relaxes them kind by kind until something is left. The kinds relaxed. Before that,
 * ejections beyond the share of targets that may be ejected at once are relaxed for those that have rested longest.
 */
export function relaxSoft(candidates: readonly Candidate[], maxEjectionPercent = 100): readonly RejectionName[] {
  const relaxed: RejectionName[] = [];
  // Nothing hard is relaxed, so what only hard rejections empty stays empty, and nothing is relaxed in vain.
  const possible = candidates.filter(({ rejections }) => rejections.every(({ soft }) => soft));
  relaxBeyondShare(possible, maxEjectionPercent);
  for (const code of RELAXED_IN_ORDER) {
    if (possible.length === 0 || possible.some(isEligible)) break;
    relaxed.push(code);
    for (const candidate of possible) candidate.relaxed = new Set([...candidate.relaxed, ...relaxed]);
  }
  return relaxed;
}

const EJECTION_ALONE: ReadonlySet<RejectionName> = new Set(['EJECTED_UNTIL']);

function relaxBeyondShare(possible: readonly Candidate[], maxPercent: number): void {
  const ejected = possible.filter(({ rejections }) => rejections.some(({ code }) => code === 'EJECTED_UNTIL'));
  const most = maxPercent === 0 ? 0 : Math.max(Math.floor((possible.length * maxPercent) / 100), 1);
  // Where all of them are, that is for the kinds to be relaxed: then each is as good as the others.
  if (ejected.length <= most || ejected.length === possible.length) return;
  const soonest = ejected.toSorted((left, right) => left.figures.ejectedUntilMs - right.figures.ejectedUntilMs);
  for (const candidate of soonest.slice(0, ejected.length - most)) candidate.relaxed = EJECTION_ALONE;
}
