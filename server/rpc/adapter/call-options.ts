import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { compressionBrotli, compressionGzip } from '@connectrpc/connect-node';
import type { Clock } from '../../core/clock.ts';
import type { RequestCheck } from '../validate-requests.ts';
import type { MessageLimits } from './rpc-method.ts';

/** What holds for all calls. */
export interface CallOptions extends MessageLimits {
  readonly clock: Clock;
  /** Throws a ConnectError where the caller must not call; asked before the body is read. */
  readonly admit: (context: HandlerContext) => void;
  readonly check: RequestCheck;
  /** The longest deadline that a caller can ask for. */
  readonly maxTimeoutMs: number;
}

/** Both ways, the best liked first. */
export const COMPRESSIONS = [compressionGzip, compressionBrotli];

/** Below that compression costs more than it saves; the library's adapter has the same. */
export const COMPRESS_MIN_BYTES = 1024;

/** What the caller is told. Whatever is no ConnectError is a fault of ours, and none of the caller's business. */
export function callError(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  return new ConnectError('internal error', Code.Internal, undefined, undefined, thrown);
}

/** A header that may stand once, as the library's functions want it. */
export function single(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}
