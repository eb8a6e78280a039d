/** How often a budget begins anew, in calendar terms. ONE_TIME never does. */
export type BudgetPeriod = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR' | 'ONE_TIME';

/** A stretch of time, in milliseconds since 1970; the end is not in it. */
export interface BudgetWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Larger than any moment that a clock will show. */
const NEVER_MS = 8_640_000_000_000_000;

const MONTHS_PER_QUARTER = 3;

/**
 * The window of a calendar period that a moment is in, in a time zone of the IANA database. Weeks begin on Mondays (ISO 8601).
 * Windows of a period and zone lie end to end: each moment is in exactly one, also where clocks are set forward or back. An
 * hour is one of the day's wall clock: the one that is shown twice is one window of two hours.
 */
export function calendarWindow(period: BudgetPeriod, timeZone: string, ms: number): BudgetWindow {
  if (period === 'ONE_TIME') return { startMs: 0, endMs: NEVER_MS };
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDateTime();
  let start = startOf(period, local);
  let startMs = instantOf(start, timeZone);
  for (;;) {
    const end = start.add(LENGTHS[period]);
    const endMs = instantOf(end, timeZone);
    // Clocks that were set back over the end show the old window again: it stays ended.
    if (ms < endMs) return { startMs, endMs };
    [start, startMs] = [end, endMs];
  }
}

const LENGTHS: Readonly<Record<Exclude<BudgetPeriod, 'ONE_TIME'>, Temporal.DurationLike>> = {
  HOUR: { hours: 1 },
  DAY: { days: 1 },
  WEEK: { weeks: 1 },
  MONTH: { months: 1 },
  QUARTER: { months: MONTHS_PER_QUARTER },
  YEAR: { years: 1 },
};

function startOf(period: Exclude<BudgetPeriod, 'ONE_TIME'>, local: Temporal.PlainDateTime): Temporal.PlainDateTime {
  const hour = local.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  if (period === 'HOUR') return hour;
  const day = hour.with({ hour: 0 });
  switch (period) {
    case 'DAY':
      return day;
    case 'WEEK':
      return day.subtract({ days: day.dayOfWeek - 1 });
    case 'MONTH':
      return day.with({ day: 1 });
    case 'QUARTER':
      return day.with({ day: 1, month: day.month - ((day.month - 1) % MONTHS_PER_QUARTER) });
    case 'YEAR':
      return day.with({ day: 1, month: 1 });
  }
}

/** The first moment at which the clocks show this or later. */
function instantOf(local: Temporal.PlainDateTime, timeZone: string): number {
  const first = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (first.toPlainDateTime().equals(local)) return first.epochMilliseconds;
  // Clocks are set forward over it: they show something later from that moment on.
  return (first.getTimeZoneTransition('next') ?? first).epochMilliseconds;
}
