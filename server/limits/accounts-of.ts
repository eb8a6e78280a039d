import type { CelInput } from '@bufbuild/cel';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import { type Account, accountKey } from './account.ts';
import type { Budget, BudgetTime, GroupKey } from './budget.ts';
import { type BudgetWindow, calendarWindow } from './budget-window.ts';

/** Who spends, as budgets look at it. */
export interface Spender {
  readonly keyId: string;
  readonly projectId: string;
  readonly metadata: Metadata;
  /** Where a call goes; empty where nothing is called. */
  readonly provider: string;
  readonly model: string;
  readonly route: string;
  /** What the expressions of budgets read. */
  readonly variables: Readonly<Record<string, CelInput>>;
}

type CalendarTime = Extract<BudgetTime, { readonly kind: 'calendar' }>;

/** A rolling budget counts in so many steps: it may forget a sixtieth of its length late, never early. */
const STEPS = 60;

/** Where a spender's spending counts at a moment. An expression that cannot be evaluated counts: a limit is never lost by it. */
export function accountsOf(budgets: readonly Budget[], spender: Spender, nowMs: number): readonly Account[] {
  return budgets
    .filter((budget) => budget.projectId === undefined || budget.projectId === spender.projectId)
    .filter(({ when }) => {
      const result = when?.evaluate(spender.variables);
      return result === undefined || result.kind === 'error' || result.value === true;
    })
    .map((budget) => accountOf(budget, spender, nowMs));
}

function accountOf(budget: Budget, spender: Spender, nowMs: number): Account {
  const group = budget.groupBy.map((key) => groupValue(key, spender));
  const { window, earlier } = windowsOf(budget, nowMs);
  const raised = budget.raise !== undefined && nowMs < budget.raise.endMs ? budget.raise.amount : 0n;
  return {
    key: accountKey(budget, group, window.startMs),
    budgetId: budget.id,
    group,
    windowStartMs: window.startMs,
    windowEndMs: window.endMs,
    unit: budget.unit,
    limit: budget.limit + raised,
    hard: budget.hard,
    earlier: earlier.map((startMs) => accountKey(budget, group, startMs)),
  };
}

/** The window that is written to, and the starts of those before it that still count. */
function windowsOf(
  { time }: Budget,
  nowMs: number,
): { readonly window: BudgetWindow; readonly earlier: readonly number[] } {
  if (time.kind === 'calendar') return { window: currentWindow(time, nowMs), earlier: [] };
  const step = Math.ceil(time.lengthMs / STEPS);
  const startMs = Math.floor(nowMs / step) * step;
  const earlier = Array.from({ length: STEPS }, (_, at) => startMs - (at + 1) * step);
  return { window: { startMs, endMs: startMs + step }, earlier };
}

/** The latest window of each budget: to work one out anew takes as long as the rest of a call's accounts. */
const latest = new WeakMap<CalendarTime, BudgetWindow>();

function currentWindow(time: CalendarTime, nowMs: number): BudgetWindow {
  const known = latest.get(time);
  if (known !== undefined && known.startMs <= nowMs && nowMs < known.endMs) return known;
  const found = calendarWindow(time.period, time.timeZone, nowMs);
  latest.set(time, found);
  return found;
}

const FIELDS = ['user', 'team', 'application', 'environment', 'workflow', 'customer', 'region', 'session'] as const;
const LABEL = 'label:';

/** What a call has for a key of groups; empty where it has nothing, which is a group like any other. */
function groupValue(key: GroupKey, spender: Spender): string {
  const { metadata } = spender;
  const field = FIELDS.find((name) => name === key);
  if (field !== undefined) return metadata[field];
  if (key.startsWith(LABEL)) {
    const name = key.slice(LABEL.length);
    return Object.hasOwn(metadata.labels, name) ? (metadata.labels[name] ?? '') : '';
  }
  return OF_CALL[key]?.(spender) ?? '';
}

const OF_CALL: Readonly<Record<string, (spender: Spender) => string>> = {
  key: ({ keyId }) => keyId,
  project: ({ projectId }) => projectId,
  provider: ({ provider }) => provider,
  model: ({ model }) => model,
  route: ({ route }) => route,
};

/** Whether a budget can be divided by this. */
export function isGroupKey(key: string): boolean {
  return (
    FIELDS.some((name) => name === key) ||
    Object.hasOwn(OF_CALL, key) ||
    (key.startsWith(LABEL) && key.length > LABEL.length)
  );
}
