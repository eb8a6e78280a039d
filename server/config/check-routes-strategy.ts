import { Choices, Signal, type Strategy, StrategyType } from '../../gen/sluice/config/v1/routing_pb.ts';
import type { Finding } from './problems.ts';

/** Checks that a strategy has no settings that mean nothing to it. */
export function checkStrategy(strategy: Strategy | undefined, path: string): readonly Finding[] {
  if (strategy === undefined) return [];
  const { type, choices, signal } = strategy;
  const isPeak = type === StrategyType.UNSPECIFIED || type === StrategyType.PEAK_EWMA;
  const findings: Finding[] = [];
  if (choices !== Choices.UNSPECIFIED && !isPeak) {
    findings.push({ path: `${path}.choices`, message: 'is only for PEAK_EWMA' });
  }
  if (signal !== Signal.UNSPECIFIED && !isPeak && type !== StrategyType.LATENCY) {
    findings.push({ path: `${path}.signal`, message: 'is only for PEAK_EWMA and LATENCY' });
  }
  return findings;
}
