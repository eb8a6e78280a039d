import { NO_FIGURES, type TargetAddress, type TargetFigures, type TargetHealth } from './target-health.ts';

export type Assumption = 'up' | 'down' | 'throttled';

/** How long an assumed rest lasts: longer than any plan takes to make. */
const ASSUMED_REST_MS = 60_000;

/** Health with some targets taken to fare otherwise than they do, by name, "provider/model" or provider. It watches no attempts. */
export function assumedHealth(
  health: TargetHealth,
  assume: ReadonlyMap<string, Assumption>,
  nowMs: number,
): TargetHealth {
  const assumptionOf = ({ name = '', provider, model }: TargetAddress): Assumption | undefined =>
    assume.get(name) ?? assume.get(`${provider}/${model}`) ?? assume.get(provider);
  return {
    figures(target) {
      const assumption = assumptionOf(target);
      return assumption === undefined ? health.figures(target) : assumedFigures(assumption, nowMs);
    },
    firstContentP95Ms(target) {
      return assumptionOf(target) === undefined ? health.firstContentP95Ms(target) : undefined;
    },
    usualAnswerMs(target, attempt) {
      return assumptionOf(target) === undefined ? health.usualAnswerMs(target, attempt) : undefined;
    },
    seen: () => health.seen(),
    begin() {
      throw new Error('nothing is attempted under assumed health');
    },
  };
}

function assumedFigures(assumption: Assumption, nowMs: number): TargetFigures {
  const until = nowMs + ASSUMED_REST_MS;
  if (assumption === 'down') return { ...NO_FIGURES, ejectedUntilMs: until };
  return assumption === 'throttled' ? { ...NO_FIGURES, throttledUntilMs: until } : NO_FIGURES;
}
