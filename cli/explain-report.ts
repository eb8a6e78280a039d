import { type Candidate, type Rejection, RejectionCodeSchema } from '../gen/sluice/v1/candidate_pb.ts';
import { AttemptReasonSchema } from '../gen/sluice/v1/decision_pb.ts';
import { ErrorReason, ErrorReasonSchema } from '../gen/sluice/v1/error_pb.ts';
import type { CallEstimate, ExplainResponse, PlanStep } from '../gen/sluice/v1/routing_service_pb.ts';
import { usdText } from '../server/catalogue/nano-dollars.ts';
import { enumWord } from './enum-word.ts';
import { formatTable } from './table.ts';

/** An explanation for people: where the call goes, each candidate with what speaks against it, the plan, the estimate. */
export function explainReport(answer: ExplainResponse): string {
  const tried = new Map(answer.plan.map(({ target }, at) => [target, String(at + 1)]));
  const rows = answer.candidates.map((candidate) => rowOf(candidate, tried.get(candidate.target) ?? '-'));
  const parts = [
    headOf(answer),
    formatTable([['#', 'TARGET', 'MODEL', 'FIRST', 'AT MOST', 'WHY NOT'], ...rows]),
    answer.plan.length === 0 ? '' : planOf(answer),
    answer.estimate === undefined ? '' : estimateOf(answer.estimate),
    answer.notes.map((note) => `Note: ${note}`).join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headOf({ route, rule, configRevision, refusal }: ExplainResponse): string {
  const lines = [
    route === '' ? 'Route: none, the model is addressed as it is' : `Route: ${route}`,
    ...(rule === '' ? [] : [`Rule: ${rule}`]),
    `Configuration: ${configRevision === '' ? 'with the draft' : configRevision}`,
  ];
  if (refusal !== ErrorReason.UNSPECIFIED) {
    lines.push(`The call would be refused: ${enumWord(ErrorReasonSchema, refusal)}`);
  }
  return lines.join('\n');
}

function rowOf(candidate: Candidate, place: string): readonly string[] {
  const { target, provider, model, probability, maxCostNanoUsd, rejections } = candidate;
  return [
    place,
    target,
    `${provider}/${model}`,
    `${(probability * 100).toFixed(0)} %`,
    maxCostNanoUsd === undefined ? '-' : `$${usdText(maxCostNanoUsd)}`,
    rejections.map(rejectionText).join('; '),
  ];
}

function rejectionText({ code, field, required, actual, relaxed }: Rejection): string {
  const facts = [
    ...(field === '' ? [] : [field]),
    ...(required === '' ? [] : [`wants ${required}`]),
    ...(actual === '' ? [] : [`found ${actual}`]),
    ...(relaxed ? ['relaxed'] : []),
  ];
  const name = enumWord(RejectionCodeSchema, code);
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`;
}

function planOf({ plan, maxAttempts }: ExplainResponse): string {
  return [`Plan, at most ${maxAttempts} attempts:`, ...plan.map(stepText)].join('\n');
}

function stepText({ target, reachedBy }: PlanStep, at: number): string {
  const reasons = reachedBy.map((reason) => enumWord(AttemptReasonSchema, reason));
  return `  ${at + 1}. ${target}${reasons.length === 0 ? '' : ` after ${reasons.join(', ')}`}`;
}

function estimateOf({ inputTokens, maxOutputTokens, maxCostNanoUsd }: CallEstimate): string {
  const output = maxOutputTokens === undefined ? 'any number of' : `at most ${maxOutputTokens}`;
  const cost = maxCostNanoUsd === undefined ? '' : `, at most $${usdText(maxCostNanoUsd)} at the first target`;
  return `Estimate: about ${inputTokens} input tokens, ${output} output tokens${cost}`;
}
