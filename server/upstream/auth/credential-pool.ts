import { createHash } from 'node:crypto';
import type { ProviderAuth } from '../../config/snapshot.ts';
import { Secret } from '../../core/secret.ts';
import type { AuthDeps } from './auth-deps.ts';
import { type Credential, createCredential } from './credential.ts';

/** A configuration has at most 1000 providers; those of earlier revisions go first. */
const MAX_CREDENTIALS = 2_000;

/**
 * The credentials of a process, one for each content: a configuration that is loaded again, or names the same one twice,
 * goes on with the token that there is.
 */
export class CredentialPool {
  readonly #deps: AuthDeps;
  readonly #byContent = new Map<string, Credential>();
  /** Each snapshot has auths of its own; hashing them for each call would cost more than the rest. */
  readonly #byAuth = new WeakMap<ProviderAuth, Credential>();

  constructor(deps: AuthDeps) {
    this.#deps = deps;
  }

  /** An auth belongs to one provider, so that its addresses are always the same. */
  of(auth: ProviderAuth, allowPrivateAddress: boolean): Credential {
    const known = this.#byAuth.get(auth);
    if (known !== undefined) return known;
    const content = digestOf({ ...auth, allowPrivateAddress });
    const credential = this.#byContent.get(content) ?? createCredential(this.#deps, auth, allowPrivateAddress);
    this.#byContent.delete(content);
    this.#byContent.set(content, credential);
    this.#byAuth.set(auth, credential);
    const [oldest] = this.#byContent.keys();
    if (this.#byContent.size > MAX_CREDENTIALS && oldest !== undefined) this.#byContent.delete(oldest);
    return credential;
  }
}

/** Of everything that an auth says, secrets included. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(revealed(value));
  return createHash('sha256').update(text).digest('hex');
}

/** Its own JSON would show each secret alike. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, member]) => [name, revealed(member)]);
}
