import type { Decision } from '../../gen/sluice/v1/decision_pb.ts';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import type { ReasonName } from '../errors/sluice-error.ts';

/** The use cases of the data plane that leave a record. */
export type Operation = 'chat' | 'stream_chat' | 'embed' | 'count_tokens';

/** A call that has been let in and may soon spend money. */
export interface OpenedCall {
  readonly requestId: string;
  readonly operation: Operation;
  readonly keyId: string;
  readonly metadata: Metadata;
  /** The model name that the caller gave. */
  readonly model: string;
  readonly openedAtMs: number;
}

/** How a call ended. */
export type CallOutcome = { readonly kind: 'success' } | { readonly kind: 'failure'; readonly reason: ReasonName };

/** A call that has ended, with everything that is known of it. */
export interface SettledCall extends OpenedCall {
  readonly settledAtMs: number;
  readonly outcome: CallOutcome;
  /** Route, attempts, usage and cost. */
  readonly decision: Decision;
}

/**
 * Where calls are recorded. Every opened call is settled exactly once, whatever ends it.
 * All three resolve when the record is as durable as the store makes it.
 */
export interface CallLedger {
  open(call: OpenedCall): Promise<void>;
  /** Before the first byte of an attempt goes out: from here on it may cost money. attempt counts from 1. */
  dispatch(requestId: string, attempt: number): Promise<void>;
  /** Does nothing where the call is settled already. */
  settle(call: SettledCall): Promise<void>;
}
