import { type Candidate, isEligible, type Rejection, type RejectionName } from './candidate.ts';
import type { TargetHealth } from './target-health.ts';

/** What is relaxed where it would leave nothing, in this order, each besides those before it. */
const RELAXED_IN_ORDER: readonly RejectionName[] = ['EJECTED_UNTIL', 'THROTTLED_UNTIL', 'LATENCY_SLO'];

/** What the state of a target says against it now. Hard only where a route requires a latency. */
export function stateRejections(candidate: Candidate, health: TargetHealth, nowMs: number): readonly Rejection[] {
  const { figures, constraints } = candidate;
  const isWell = figures.throttledUntilMs <= nowMs && figures.ejectedUntilMs <= nowMs;
  if (isWell && constraints.every(({ maxLatency }) => maxLatency === undefined)) return [];
  return [
    ...slow(candidate, health),
    ...resting('THROTTLED_UNTIL', figures.throttledUntilMs, nowMs),
    ...resting('EJECTED_UNTIL', figures.ejectedUntilMs, nowMs),
  ];
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

/** Where soft rejections leave nothing, relaxes them kind by kind until something is left. The kinds relaxed. */
export function relaxSoft(candidates: readonly Candidate[]): readonly RejectionName[] {
  const relaxed: RejectionName[] = [];
  // Nothing hard is relaxed, so what only hard rejections empty stays empty, and nothing is relaxed in vain.
  const possible = candidates.filter(({ rejections }) => rejections.every(({ soft }) => soft));
  for (const code of RELAXED_IN_ORDER) {
    if (possible.length === 0 || possible.some(isEligible)) break;
    relaxed.push(code);
    for (const candidate of possible) candidate.relaxed = new Set(relaxed);
  }
  return relaxed;
}
