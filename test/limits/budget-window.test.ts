import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BudgetPeriod, calendarWindow } from '../../server/limits/budget-window.ts';

const PERIODS: readonly BudgetPeriod[] = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'];

/** Among them half hours, clocks that were set back over midnight, at a minute past it, and a day that never was. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Nuuk',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Antarctica/Troll',
  'Pacific/Apia',
  'Pacific/Kwajalein',
];

/** Minutes before and after clocks are set. */
const AROUND = [-120, -61, -60, -59, -31, -30, -1, 0, 1, 29, 30, 31, 59, 60, 61, 120];

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const window = (period: BudgetPeriod, zone: string, text: string) => {
  const { startMs, endMs } = calendarWindow(period, zone, at(text));
  return [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
};
const hours = (period: BudgetPeriod, zone: string, text: string): number => {
  const { startMs, endMs } = calendarWindow(period, zone, at(text));
  return (endMs - startMs) / HOUR;
};

describe('a calendar window', () => {
  test('holds each moment, alone: its neighbours begin where it ends', () => {
    const moment = fc.integer({ min: at('1985-01-01'), max: at('2045-01-01') });
    fc.assert(
      fc.property(fc.constantFrom(...PERIODS), fc.constantFrom(...ZONES), moment, (period, zone, ms) => {
        const found = calendarWindow(period, zone, ms);
        expect(found.startMs).toBeLessThanOrEqual(ms);
        expect(found.endMs).toBeGreaterThan(ms);
        expect(calendarWindow(period, zone, found.startMs)).toEqual(found);
        expect(calendarWindow(period, zone, found.endMs - 1)).toEqual(found);
        expect(calendarWindow(period, zone, found.endMs).startMs).toBe(found.endMs);
        expect(calendarWindow(period, zone, found.startMs - 1).endMs).toBe(found.startMs);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(ZONES)('begins once, whatever is done to the clocks of %s', (zone) => {
    let change = Temporal.Instant.from('2005-01-01T00Z').toZonedDateTimeISO(zone).getTimeZoneTransition('next');
    for (; change !== null && change.year < 2029; change = change.getTimeZoneTransition('next')) {
      for (const period of PERIODS) {
        const starts: number[] = [];
        for (const minutes of AROUND) {
          const ms = change.epochMilliseconds + minutes * 60_000;
          const { startMs, endMs } = calendarWindow(period, zone, ms);
          expect(startMs <= ms && ms < endMs, `${period} ${change.toString()} ${minutes}`).toBe(true);
          if (starts.at(-1) !== startMs) starts.push(startMs);
        }
        expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
      }
    }
  });

  test.each(ZONES)('follows window to window through ten years of %s', (zone) => {
    for (const period of PERIODS.slice(1)) {
      let ms = at('2020-02-28T12:00Z');
      let count = 0;
      for (; ms < at('2030-02-28T12:00Z'); count += 1) {
        const { startMs, endMs } = calendarWindow(period, zone, ms);
        expect(count === 0 || startMs === ms).toBe(true);
        ms = endMs;
      }
      const years = { HOUR: 0, DAY: 3654, WEEK: 523, MONTH: 121, QUARTER: 41, YEAR: 11, ONE_TIME: 0 };
      expect(Math.abs(count - years[period])).toBeLessThanOrEqual(1);
    }
  });

  test('of a day has 23, 24 or 25 hours', () => {
    expect(window('DAY', 'Europe/Berlin', '2026-03-29T12:00Z')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(hours('DAY', 'Europe/Berlin', '2026-06-01T12:00Z')).toBe(24);
    expect(hours('DAY', 'Europe/Berlin', '2026-10-25T12:00Z')).toBe(25);
    expect(hours('DAY', 'Australia/Lord_Howe', '2026-04-05T00:00Z')).toBe(24.5);
    expect(hours('DAY', 'Australia/Lord_Howe', '2026-10-04T00:00Z')).toBe(23.5);
  });

  test('of an hour that is shown twice is one, also where half of it is', () => {
    expect(hours('HOUR', 'America/New_York', '2026-11-01T05:30Z')).toBe(2);
    expect(window('HOUR', 'America/New_York', '2026-11-01T06:30Z')).toEqual(
      window('HOUR', 'America/New_York', '2026-11-01T05:30Z'),
    );
    expect(hours('HOUR', 'Australia/Lord_Howe', '2026-04-04T14:59Z')).toBe(1.5);
    expect(hours('HOUR', 'Australia/Lord_Howe', '2026-10-03T15:45Z')).toBe(0.5);
  });

  test('stays ended where clocks are set back over its end', () => {
    // At a minute past midnight it was 23:01 of the day before once more.
    const [, end] = window('DAY', 'America/St_Johns', '2010-11-06T12:00Z');
    expect(end).toBe('2010-11-07T02:30:00.000Z');
    expect(window('DAY', 'America/St_Johns', '2010-11-07T03:00Z')[0]).toBe(end);
  });

  test('begins where clocks that are set forward over its start go on', () => {
    expect(window('DAY', 'America/Havana', '2026-03-08T12:00Z')[0]).toBe('2026-03-08T05:00:00.000Z');
    expect(window('HOUR', 'America/St_Johns', '2010-03-14T03:45Z')[0]).toBe('2010-03-14T03:31:00.000Z');
    // Samoa had no 30 December 2011.
    expect(window('DAY', 'Pacific/Apia', '2011-12-30T09:59Z')[1]).toBe('2011-12-30T10:00:00.000Z');
    expect(window('DAY', 'Pacific/Apia', '2011-12-30T10:00Z')[1]).toBe('2011-12-31T10:00:00.000Z');
  });

  test('of a week begins on Monday, of a quarter in its first month', () => {
    expect(window('WEEK', 'UTC', '2026-11-29T23:59Z')).toEqual([
      '2026-11-23T00:00:00.000Z',
      '2026-11-30T00:00:00.000Z',
    ]);
    expect(window('WEEK', 'UTC', '2027-01-01T00:00Z')).toEqual([
      '2026-12-28T00:00:00.000Z',
      '2027-01-04T00:00:00.000Z',
    ]);
    expect(window('QUARTER', 'UTC', '2026-11-24T00:00Z')).toEqual([
      '2026-10-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ]);
    expect(window('QUARTER', 'UTC', '2026-02-10T00:00Z')).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z',
    ]);
  });

  test('knows leap years', () => {
    expect(hours('MONTH', 'UTC', '2028-02-29T12:00Z')).toBe(29 * 24);
    expect(hours('MONTH', 'UTC', '2100-02-28T12:00Z')).toBe(28 * 24);
    expect(hours('YEAR', 'UTC', '2028-07-01T00:00Z')).toBe(366 * 24);
    expect(window('DAY', 'UTC', '2028-02-29T12:00Z')).toEqual(['2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z']);
  });

  test('of a clock that was set back is the earlier one again, not a new one', () => {
    const midnight = at('2026-12-01T00:00Z');
    const before = calendarWindow('MONTH', 'UTC', midnight - 1);
    const after = calendarWindow('MONTH', 'UTC', midnight + HOUR);
    expect(calendarWindow('MONTH', 'UTC', midnight + HOUR - 2 * HOUR)).toEqual(before);
    expect(calendarWindow('MONTH', 'UTC', midnight)).toEqual(after);
  });

  test('of one time never ends', () => {
    expect(calendarWindow('ONE_TIME', 'UTC', at('2026-01-01')).startMs).toBe(0);
    expect(calendarWindow('ONE_TIME', 'UTC', at('2026-01-01'))).toEqual(
      calendarWindow('ONE_TIME', 'UTC', at('9999-01-01')),
    );
  });
});
