import { SluiceError } from '../errors/sluice-error.ts';
import type { Candidate } from '../routing/candidate.ts';
import type { CallPlan } from '../routing/plan-call.ts';
import type { Route } from '../routing/route.ts';

/** How many candidates an error names; the Decision has them all. */
const NAMED = 8;

/**
 * Why no target may take a call. A prompt that is too long for all of them has a reason of its own, which callers act on by
 * shortening it.
 */
export function noTargetError(route: Route, { candidates }: CallPlan): SluiceError {
  const tooLong = candidates.every(({ rejections }) => rejections.some(({ code }) => code === 'CONTEXT_LENGTH'));
  const longest = candidates.toSorted((left, right) => windowOf(right) - windowOf(left))[0];
  if (tooLong && longest !== undefined) {
    const { provider, model } = longest.target;
    return new SluiceError(
      'CONTEXT_LENGTH_EXCEEDED',
      `The prompt is too long: ${provider}/${model} takes ${windowOf(longest)} tokens.`,
      { metadata: { provider } },
    );
  }
  const told = candidates.slice(0, NAMED).map(describe).join('; ');
  const name = route.name === '' ? 'that address' : `the route "${route.name}"`;
  return new SluiceError('NO_ELIGIBLE_TARGET', `No target of ${name} may take this call: ${told}.`, {
    metadata: { route: route.name, candidates: told },
  });
}

function windowOf({ facts }: Candidate): number {
  return facts?.contextLength ?? 0;
}

function describe({ name, rejections }: Candidate): string {
  const first = rejections.find(({ soft }) => !soft);
  if (first === undefined) return name;
  return `${name}: ${first.code} (${first.field} asks for ${first.required}, found ${first.actual})`;
}
