import { SluiceError } from '../errors/sluice-error.ts';

/** What narrows a key besides its role. */
export interface KeyLimits {
  /** The models that it may name, as callers write them; "*" at the end stands for any rest. Empty: all. */
  readonly models: readonly string[];
  /** Metadata that each of its calls must bear, by the names of sluice.v1.Metadata or of labels. */
  readonly requiredMetadata: readonly string[];
}

/** Whether a key may name a model. */
export function allowsModel(limits: KeyLimits | undefined, model: string): boolean {
  return limits === undefined || limits.models.length === 0 || limits.models.some((one) => covers(one, model));
}

/** Throws INVALID_REQUEST that names the metadata which a key's calls must bear and this one does not. */
export function requireMetadata(limits: KeyLimits | undefined, has: (name: string) => boolean): void {
  const missing = limits?.requiredMetadata.find((name) => !has(name));
  if (missing === undefined) return;
  throw new SluiceError('INVALID_REQUEST', `metadata.${missing}: calls with this key must say it.`, {
    metadata: { field: `metadata.${missing}` },
    param: 'metadata',
  });
}

/** Whether everything that `inner` allows is allowed by `outer` too. */
export function isWithin(inner: KeyLimits, outer: KeyLimits): boolean {
  return (
    outer.requiredMetadata.every((name) => inner.requiredMetadata.includes(name)) &&
    (outer.models.length === 0 ||
      (inner.models.length > 0 && inner.models.every((one) => outer.models.some((other) => covers(other, one)))))
  );
}

/** Whether a pattern matches all that a name or another pattern does. */
function covers(pattern: string, other: string): boolean {
  return pattern.endsWith('*') ? other.startsWith(pattern.slice(0, -1)) : pattern === other;
}
