import type { Budget, BudgetUnit } from './budget.ts';

/** Where a budget counts one group's spending in one window. */
export interface Account {
  /** Names it: the budget, its epoch, the group and the window. */
  readonly key: string;
  readonly budgetId: string;
  /** The values of the budget's groupBy, in its order. */
  readonly group: readonly string[];
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly unit: BudgetUnit;
  /** The limit in force, a raise included. */
  readonly limit: bigint;
  readonly hard: boolean;
  /** Of a rolling budget: the keys of the steps before that still count, the step of `key` not among them. */
  readonly earlier: readonly string[];
}

/** What an account holds. */
export interface Balance {
  /** Of settled reservations. */
  readonly posted: bigint;
  /** Of those not resolved yet. */
  readonly pending: bigint;
}

export type AccountBudget = Pick<Budget, 'id' | 'epoch' | 'groupBy'>;

/** No value of a group can hold the separator and be taken for two. */
export function accountKey(budget: AccountBudget, group: readonly string[], windowStartMs: number): string {
  return JSON.stringify([budget.id, budget.epoch, windowStartMs, ...group]);
}
