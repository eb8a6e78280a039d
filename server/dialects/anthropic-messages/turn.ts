import type { JsonObject } from '../../core/json.ts';

/** A turn as the format has it: of the user or the assistant, by turns. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonObject[];
}
