import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type Candidate as CandidateMessage,
  CandidateSchema,
  type TargetFigures as FiguresMessage,
  RejectionCode,
  TargetFiguresSchema,
} from '../../gen/sluice/v1/candidate_pb.ts';
import { type Candidate, isEligible } from '../routing/candidate.ts';
import type { TargetFigures } from '../routing/target-health.ts';

/** A candidate as the contract tells it. Rejections stand in the order of their codes. */
export function candidateMessage(candidate: Candidate): CandidateMessage {
  const { name, target, rejections, relaxed, probability, score, maxCostNanoUsd, figures } = candidate;
  const eligible = isEligible(candidate);
  return create(CandidateSchema, {
    target: name,
    provider: target.provider,
    model: target.model,
    eligible,
    rejections: rejections
      .map((rejection) => ({
        ...rejection,
        code: RejectionCode[rejection.code],
        relaxed: rejection.soft && relaxed.has(rejection.code),
      }))
      .sort((left, right) => left.code - right.code),
    probability,
    ...(eligible && score !== undefined && { score }),
    ...(maxCostNanoUsd !== undefined && { maxCostNanoUsd }),
    figures: figuresMessage(figures),
  });
}

/** Figures as the contract tells them. */
export function figuresMessage(figures: TargetFigures): FiguresMessage {
  const { inFlight, firstContentMs, tokensPerSecond, throttledUntilMs, ejectedUntilMs } = figures;
  return create(TargetFiguresSchema, {
    inFlight,
    ...(firstContentMs !== undefined && { firstContent: durationFromMs(Math.round(firstContentMs)) }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    ...(throttledUntilMs > 0 && { throttledUntil: timestampFromMs(Math.ceil(throttledUntilMs)) }),
    ...(ejectedUntilMs > 0 && { ejectedUntil: timestampFromMs(Math.ceil(ejectedUntilMs)) }),
  });
}
