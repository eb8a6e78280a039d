import type { Attempt } from '../../../gen/sluice/v1/decision_pb.ts';
import { DrillFault } from '../../../gen/sluice/v1/drill_pb.ts';
import type { SettledCall } from '../../limits/call-ledger.ts';
import type { SeenTarget } from '../../routing/target-health.ts';
import { ATTEMPT_REASONS } from './gen-ai-metrics.ts';
import { createCounter, type InstrumentName, type Metric, type NumberPoint } from './instrument.ts';

const TARGET = 'sluice.target';
const REASON = 'sluice.reason';
/** What a drill does is counted apart, so that alarms can leave it out. */
const DRILL = 'sluice.drill';

/** What the conventions have no names for: how calls went from target to target, and how targets fare. */
export function createSluiceMetrics(addressOf: (provider: string, model: string) => string) {
  const counters = {
    attempts: createCounter(
      { name: 'sluice.attempts', description: 'Attempts at targets, by how they ended.', unit: '{attempt}' },
      [TARGET, REASON, DRILL],
    ),
    retries: createCounter(
      { name: 'sluice.retries', description: 'Attempts at the same target again, by why.', unit: '{attempt}' },
      [TARGET, REASON, DRILL],
    ),
    fallbacks: createCounter(
      { name: 'sluice.fallbacks', description: 'Attempts at another target, by why.', unit: '{attempt}' },
      ['sluice.from', 'sluice.to', REASON, DRILL],
    ),
  };
  let active = 0;
  const labelOf = ({ provider, model }: Attempt): string => addressOf(provider, model);
  return {
    opened: (): void => {
      active += 1;
    },
    settled({ decision: { attempts } }: SettledCall): void {
      active -= 1;
      let before: Attempt | undefined;
      for (const attempt of attempts) {
        const address = labelOf(attempt);
        counters.attempts.add([address, ...endOf(attempt)]);
        if (before?.target === attempt.target) counters.retries.add([address, ...endOf(before)]);
        else if (before !== undefined) counters.fallbacks.add([labelOf(before), address, ...endOf(before)]);
        before = attempt;
      }
    },
    read: (targets: readonly SeenTarget[], nowMs: number): readonly Metric[] => [
      ...Object.values(counters).map((counter) => counter.read()),
      gauge({ name: 'sluice.calls.active', description: 'Calls under way.', unit: '{call}' }, [
        { attributes: {}, value: active },
      ]),
      ...targetMetrics(targets, nowMs),
    ],
  };
}

function endOf({ reason, drill }: Attempt): readonly [reason: string, drill: string] {
  return [ATTEMPT_REASONS.get(reason) ?? '', drill === DrillFault.UNSPECIFIED ? '' : 'true'];
}

/** So many targets have series of their own; those seen first. Callers can make up models. */
const MOST_TARGETS = 500;

function targetMetrics(all: readonly SeenTarget[], nowMs: number): readonly Metric[] {
  const targets = all.slice(0, MOST_TARGETS);
  const each = (value: (target: SeenTarget) => number | undefined): readonly NumberPoint[] =>
    targets.flatMap((target) => {
      const found = value(target);
      return found === undefined
        ? []
        : [{ attributes: { [TARGET]: `${target.provider}/${target.model}` }, value: found }];
    });
  const rests = (untilMs: number): number => (untilMs > nowMs ? 1 : 0);
  const average = 'Decaying average that jumps to peaks:';
  return [
    gauge(
      { name: 'sluice.target.in_flight', description: 'Attempts under way.', unit: '{attempt}' },
      each(({ figures }) => figures.inFlight),
    ),
    gauge(
      { name: 'sluice.target.first_content', description: `${average} time to first content of streams.`, unit: 's' },
      each(({ figures: { firstContentMs } }) => firstContentMs && firstContentMs / 1000),
    ),
    gauge(
      { name: 'sluice.target.per_token', description: `${average} time for each output token of answers.`, unit: 's' },
      each(({ figures: { msPerToken } }) => msPerToken && msPerToken / 1000),
    ),
    gauge(
      { name: 'sluice.target.throttled', description: '1 while it asked not to be called.', unit: '' },
      each(({ figures }) => rests(figures.throttledUntilMs)),
    ),
    gauge(
      { name: 'sluice.target.ejected', description: '1 while it rests for failing too often.', unit: '' },
      each(({ figures }) => rests(figures.ejectedUntilMs)),
    ),
    {
      name: 'sluice.ejections',
      description: 'How often a target was taken out for failing too often.',
      unit: '{ejection}',
      kind: 'counter',
      points: each(({ ejections }) => ejections),
    },
  ];
}

function gauge(name: InstrumentName, points: readonly NumberPoint[]): Metric {
  return { ...name, kind: 'gauge', points };
}
