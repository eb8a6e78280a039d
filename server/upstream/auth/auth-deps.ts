import type { Environment } from '../../config/secret-resolver.ts';
import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import type { AttemptError } from '../../errors/attempt-error.ts';
import type { Upstream } from '../upstream.ts';

/** What credentials are made with. */
export interface AuthDeps {
  /** Servers that give credentials are asked through it, and so through the egress guard. */
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random: Random;
  /** Where AWS's own tools look for keys. */
  readonly env: Environment;
  readonly readFile: (path: string) => Promise<string>;
  /** The user's folder, which holds .aws. */
  readonly homeFolder: string;
  /** Told each time that a credential cannot be had, also while an old one still serves. The message holds no secret. */
  readonly report: (error: AttemptError) => void;
}
