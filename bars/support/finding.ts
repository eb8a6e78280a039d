/** One thing that a bar looked at. */
export interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

/** What a bar comes to: what it found, or why it could not look. */
export type Outcome = readonly Finding[] | { readonly skipped: string };

/** How large a bar's run is. */
export interface Scale {
  /** Few rounds, for CI. */
  readonly short: boolean;
}

/** A bar: under some strain something holds. Rejects where the strain itself cannot be made. */
export type Bar = (scale: Scale) => Promise<Outcome>;

/** A number that must not be larger than another. Both in the unit, which stands behind them: "p99 41 ms (≤ 200)". */
export function atMost(what: string, value: number, limit: number, unit = ''): Finding {
  const ok = value <= limit;
  return { ok, text: `${what} ${figure(value)}${unit === '' ? '' : ` ${unit}`} (≤ ${figure(limit)})` };
}

/** A number that must be another. */
export function exactly(what: string, value: number, wanted: number): Finding {
  const ok = value === wanted;
  return { ok, text: ok ? `${value} ${what}` : `${value} ${what} instead of ${wanted}` };
}

/** A thing that must be so. */
export function holds(what: string, ok: boolean): Finding {
  return { ok, text: what };
}

/** Wrong cases that are told one by one. */
const SHOWN = 50;

/** Cases that must all be right: says how many there were, or which were wrong. */
export function allRight(
  what: string,
  cases: readonly { readonly name: string; readonly wrong?: string | undefined }[],
) {
  const wrong = cases.flatMap(({ name, wrong: why }) => (why === undefined ? [] : [`${name}: ${why}`]));
  const more = wrong.length > SHOWN ? '; …' : '';
  const text =
    wrong.length === 0
      ? `${cases.length} ${what}`
      : `${wrong.length} of ${cases.length} ${what} wrong [${wrong.slice(0, SHOWN).join('; ')}${more}]`;
  return { ok: wrong.length === 0 && cases.length > 0, text };
}

/** What is worth saying and cannot be wrong. */
export function note(text: string): Finding {
  return { ok: true, text };
}

function figure(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? String(Math.round(value)) : value.toFixed(1);
}
