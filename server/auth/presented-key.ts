import { hash } from 'node:crypto';

/** A header's value by its name in lower case; of repeated ones the first. */
export type HeaderReader = (name: string) => string | undefined;

/**
 * The SHA-256 of the key that a caller presents as "authorization: Bearer <key>" (RFC 6750), in x-api-key or,
 * as Google's SDKs do, in x-goog-api-key, 32 bytes; undefined where none holds one. A bearer token goes before the others,
 * whose values may be stale defaults of an SDK.
 */
export function presentedKey(header: HeaderReader): Buffer | undefined {
  const key =
    bearerToken(header('authorization')) ?? nonEmpty(header('x-api-key')) ?? nonEmpty(header('x-goog-api-key'));
  return key === undefined ? undefined : hash('sha256', key, 'buffer');
}

/** The scheme's name is free in case, as in all of HTTP authentication (RFC 9110, 11.1). */
function bearerToken(authorization: string | undefined): string | undefined {
  return nonEmpty(/^bearer +(.*)$/is.exec(authorization?.trim() ?? '')?.[1]);
}

function nonEmpty(value: string | undefined): string | undefined {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? undefined : trimmed;
}
