/** What a column holds. Whole numbers come back as bigint. */
export type SqlValue = null | bigint | number | string | Uint8Array;

/** A row by the names of its columns. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** One statement of SQL. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** How many rows it must change; with any other number the whole unit does nothing. Unset: any. */
  readonly changes?: number;
  /** How many rows it must give; with any other number the whole unit does nothing, and those are told. Unset: any. */
  readonly rows?: number;
}

/** Statements that are carried out as a whole or not at all. */
export type Unit = readonly Statement[];

/** What came of a unit that could be carried out. */
export type UnitAnswer =
  /** The rows of each statement, durable by now. */
  | { readonly kind: 'done'; readonly rows: readonly (readonly SqlRow[])[] }
  /** The statement at this place changed or gave another number of rows than it must; the rows that it gave. */
  | { readonly kind: 'refused'; readonly at: number; readonly rows: readonly SqlRow[] };

/** What came of a unit. */
export type UnitResult = UnitAnswer | { readonly kind: 'failed'; readonly message: string };

/** What the worker is told. */
export type ToWorker = { readonly kind: 'run'; readonly id: number; readonly unit: Unit } | { readonly kind: 'close' };

/** What the worker tells. */
export type FromWorker =
  | { readonly kind: 'result'; readonly id: number; readonly result: UnitResult }
  /** The file cannot be used; the worker has ended. */
  | { readonly kind: 'unusable'; readonly message: string };
