/** Attributes of a series by name. An empty value is none. */
export type Attributes = Readonly<Record<string, string>>;

/** What an instrument is called. Names and units are OpenTelemetry's: s, {token}, {call}. */
export interface InstrumentName {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

export interface NumberPoint {
  readonly attributes: Attributes;
  readonly value: number;
}

export interface HistogramPoint {
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number;
  /** How many values fell into each bucket, one more than there are bounds. */
  readonly buckets: readonly number[];
}

/** What an instrument holds at a moment, counted since the start of the process. */
export type Metric = InstrumentName &
  (
    | { readonly kind: 'counter' | 'gauge'; readonly points: readonly NumberPoint[] }
    | { readonly kind: 'histogram'; readonly bounds: readonly number[]; readonly points: readonly HistogramPoint[] }
  );

/** Values of an instrument's attributes, in the order in which it names them. */
type Values = readonly string[];

export interface Counter {
  add(values: Values, amount?: number): void;
  read(): Metric;
}

export interface Histogram {
  record(values: Values, value: number): void;
  read(): Metric;
}

/** What OpenTelemetry's SDKs keep of one instrument; what comes later falls into one series, as there. */
const MOST_SERIES = 2000;
const OVERFLOW: Attributes = { 'otel.metric.overflow': 'true' };

/** A count that only rises. */
export function createCounter(name: InstrumentName, labels: readonly string[]): Counter {
  const series = createSeries(labels, () => ({ value: 0 }));
  return {
    add(values, amount = 1) {
      series.of(values).value += amount;
    },
    read: () => ({
      ...name,
      kind: 'counter',
      points: series.all().map(([attributes, { value }]) => ({ attributes, value })),
    }),
  };
}

/** A distribution of values over buckets, each up to and with its bound. */
export function createHistogram(name: InstrumentName, labels: readonly string[], bounds: readonly number[]): Histogram {
  const series = createSeries(labels, () => ({
    count: 0,
    sum: 0,
    buckets: Array.from({ length: bounds.length + 1 }, () => 0),
  }));
  return {
    record(values, value) {
      const one = series.of(values);
      one.count += 1;
      one.sum += value;
      let at = 0;
      while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
      one.buckets[at] = (one.buckets[at] ?? 0) + 1;
    },
    read: () => ({
      ...name,
      kind: 'histogram',
      bounds,
      points: series.all().map(([attributes, { count, sum, buckets }]) => ({
        attributes,
        count,
        sum,
        buckets: [...buckets],
      })),
    }),
  };
}

/** What is known of one value, and below it of those of the labels after its own. */
interface Branch<T> {
  leaf: T | undefined;
  readonly below: Map<string, Branch<T>>;
}

const newBranch = <T>(): Branch<T> => ({ leaf: undefined, below: new Map() });

/**
 * What is kept for each combination of values, made when it first comes. A look-up for each value costs a tenth of one for all
 * of them as one text, which would have to be written and hashed each time.
 */
function createSeries<T>(labels: readonly string[], make: () => T) {
  const root = newBranch<T>();
  const all: (readonly [Attributes, T])[] = [];
  const add = (attributes: Attributes): T => {
    const kept = make();
    all.push([attributes, kept]);
    return kept;
  };
  let overflow: T | undefined;
  return {
    of(values: Values): T {
      let branch: Branch<T> | undefined = root;
      for (const value of values) {
        branch = branch.below.get(value);
        if (branch === undefined) break;
      }
      if (branch?.leaf !== undefined) return branch.leaf;
      if (all.length >= MOST_SERIES) {
        overflow ??= add(OVERFLOW);
        return overflow;
      }
      const leaf = add(attributesOf(labels, values));
      branchOf(root, values).leaf = leaf;
      return leaf;
    },
    all: (): readonly (readonly [Attributes, T])[] => all,
  };
}

/** Makes what is missing on the way. */
function branchOf<T>(root: Branch<T>, values: Values): Branch<T> {
  let branch = root;
  for (const value of values) {
    const next = branch.below.get(value) ?? newBranch<T>();
    branch.below.set(value, next);
    branch = next;
  }
  return branch;
}

function attributesOf(labels: readonly string[], values: Values): Attributes {
  const pairs = labels.flatMap((label, at) => {
    const value = values[at] ?? '';
    return value === '' ? [] : [[label, value] as const];
  });
  return Object.fromEntries(pairs);
}
