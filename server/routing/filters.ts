import type { Candidate, Rejection, RejectionName } from './candidate.ts';
import type { Capability } from './model-facts.ts';
import type { RequestView } from './request-view.ts';
import type { Constraints } from './route.ts';

/** Looks at a candidate by one set of constraints; what speaks against it, or nothing. */
type Filter = (candidate: Candidate, constraints: Constraints, request: RequestView) => readonly Rejection[];

const UNKNOWN = 'unknown';
const NONE: readonly Rejection[] = [];

/** Constraints are hard: what is not known does not meet them. The order is that of RejectionCode. */
const FILTERS: readonly Filter[] = [
  function region({ target, facts }, { source, regions }) {
    if (regions === undefined) return NONE;
    const found = target.region === undefined ? (facts?.regions ?? []) : [target.region];
    if (found.length > 0 && found.every((each) => regions.includes(each))) return [];
    return [hard('REGION', `${source}.regions`, [regions.join(', '), found.join(', ') || UNKNOWN])];
  },
  function dataPolicy({ target }, { source, denyDataCollection, zeroDataRetention }) {
    if (denyDataCollection !== true && zeroDataRetention !== true) return NONE;
    const collects = target.dataPolicy?.collects;
    const rejections: Rejection[] = [];
    if (denyDataCollection === true && collects !== false) {
      const found = collects === true ? 'ALLOW' : UNKNOWN;
      rejections.push(hard('DATA_POLICY', `${source}.data_collection`, ['DENY', found]));
    }
    if (zeroDataRetention === true && target.dataPolicy?.zeroDataRetention !== true) {
      const found = target.dataPolicy === undefined ? UNKNOWN : 'false';
      rejections.push(hard('DATA_POLICY', `${source}.zero_data_retention`, ['true', found]));
    }
    return rejections;
  },
  function capability({ facts }, { source, capabilities }) {
    if (capabilities === undefined) return NONE;
    return capabilities
      .filter((name) => facts?.capabilities?.[name] !== true)
      .map((name) => lacks(name, `${source}.capabilities`, facts?.capabilities?.[name]));
  },
  function price({ facts }, { source, maxInputPrice, maxOutputPrice }) {
    if (maxInputPrice === undefined && maxOutputPrice === undefined) return NONE;
    return [
      ...tooDear(`${source}.max_price.input`, maxInputPrice, facts?.price?.input),
      ...tooDear(`${source}.max_price.output`, maxOutputPrice, facts?.price?.output),
    ];
  },
  function cost({ maxCostNanoUsd }, { source, maxRequestCostNanoUsd: most }) {
    if (most === undefined || (maxCostNanoUsd !== undefined && maxCostNanoUsd <= most)) return NONE;
    return [hard('COST', `${source}.max_request_cost`, [usd(most), usd(maxCostNanoUsd)])];
  },
  function quantization({ target, facts }, { source, quantizations }) {
    if (quantizations === undefined) return NONE;
    const found = target.quantization ?? facts?.quantization ?? UNKNOWN;
    if (quantizations.includes(found)) return [];
    return [hard('QUANTIZATION', `${source}.quantizations`, [quantizations.join(', '), found])];
  },
];

/** All that constraints say against a candidate. */
export function constraintRejections(candidate: Candidate, request: RequestView): readonly Rejection[] {
  // A loop, because each call comes through here for each target, and hardly ever finds anything.
  const rejections: Rejection[] = [];
  for (const constraints of candidate.constraints) {
    for (const filter of FILTERS) {
      const found = filter(candidate, constraints, request);
      if (found.length > 0) rejections.push(...found);
    }
  }
  return rejections;
}

/**
 * Estimates err by a fifth. What might fit is let through, because a provider that finds it too long says so, and then the
 * next target is tried all the same.
 */
const CERTAIN_SHARE = 0.8;

/** What the request itself asks for. What is not known of a model does not speak against it, unless it is `demanded`. */
export function requestRejections(candidate: Candidate, request: RequestView, demanded: boolean): readonly Rejection[] {
  const { facts } = candidate;
  if (facts === undefined && !demanded) return [];
  const able = facts?.capabilities ?? {};
  const missing = request.needs.filter((need) => (demanded ? able[need] !== true : able[need] === false));
  const rejections = missing.map((need) => lacks(need, 'request', able[need]));
  if (facts?.contextLength !== undefined) {
    const need = Math.ceil(request.estimatedInputTokens * CERTAIN_SHARE) + (request.maxOutputTokens ?? 0);
    if (need > facts.contextLength) {
      rejections.push(hard('CONTEXT_LENGTH', 'request', [`${need} tokens`, `${facts.contextLength} tokens`]));
    }
  }
  return rejections;
}

/** What the caller's own list of targets says against a candidate. Names are targets', "provider/model"s or providers'. */
export function listRejections(
  candidate: Candidate,
  { only, ignore }: { readonly only: readonly string[]; readonly ignore: readonly string[] },
): readonly Rejection[] {
  const rejections: Rejection[] = [];
  if (only.length > 0 && !only.some((name) => isNamed(candidate, name))) {
    rejections.push(hard('PREFERENCE', 'preferences.only', [only.join(', '), candidate.name]));
  }
  if (ignore.some((name) => isNamed(candidate, name))) {
    rejections.push(hard('PREFERENCE', 'preferences.ignore', [`not ${ignore.join(', ')}`, candidate.name]));
  }
  return rejections;
}

/** Whether a name that a caller gives means this candidate. */
export function isNamed({ name, target }: Candidate, given: string): boolean {
  return given === name || given === target.provider || given === `${target.provider}/${target.model}`;
}

export function hard(code: RejectionName, field: string, [required, actual]: readonly [string, string]): Rejection {
  return { code, field, required, actual, soft: false };
}

function lacks(capability: Capability, field: string, known: boolean | undefined): Rejection {
  return hard('CAPABILITY', field, [capability, known === undefined ? UNKNOWN : 'false']);
}

function tooDear(field: string, most: bigint | undefined, price: bigint | undefined): readonly Rejection[] {
  if (most === undefined || (price !== undefined && price <= most)) return [];
  return [hard('PRICE', field, [usd(most), usd(price)])];
}

function usd(nano: bigint | undefined): string {
  return nano === undefined ? UNKNOWN : `${Number(nano) / 1e9} USD`;
}
