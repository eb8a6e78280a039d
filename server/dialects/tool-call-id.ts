import { hash } from 'node:crypto';

/** What a format demands of the ids of tool calls. */
export interface ToolCallIdRule {
  /** Matches a whole id that the format takes as it is. */
  readonly pattern: RegExp;
  /** Of the ids that are made for those that it does not take; at most 40. */
  readonly length: number;
}

/**
 * The id as the format takes it: itself where it fits, else one of letters and digits made from it, so that a call and its
 * result still name each other, and the same conversation reads the same each time.
 */
export function fitToolCallId(id: string, { pattern, length }: ToolCallIdRule): string {
  return pattern.test(id) ? id : hash('sha1', id, 'hex').slice(0, length);
}
