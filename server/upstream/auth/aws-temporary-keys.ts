import type { AwsKeys } from '../../config/snapshot.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { Secret } from '../../core/secret.ts';
import type { UpstreamRequest } from '../upstream.ts';
import { type Reply, refusalOf } from './ask.ts';
import type { Lease } from './renewal.ts';

/** Keys with an end, as text. */
export interface TemporaryKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601, as in 2026-01-01T12:00:00Z. */
  readonly expiration: string;
}

/**
 * Reads the answer that containers and machines get: {AccessKeyId, SecretAccessKey, Token, Expiration}. Throws
 * AttemptError for any other.
 */
export function readTemporaryKeys(request: UpstreamRequest, reply: Reply): Lease<AwsKeys> {
  const json = reply.status === 200 ? parse(reply.text) : {};
  const lease = leaseOf({
    accessKeyId: textOf(json, 'AccessKeyId'),
    secretAccessKey: textOf(json, 'SecretAccessKey'),
    sessionToken: textOf(json, 'Token'),
    expiration: textOf(json, 'Expiration'),
  });
  if (lease === undefined) throw refusalOf(request, reply);
  return lease;
}

/** Undefined where a part is missing. */
export function leaseOf(keys: TemporaryKeys): Lease<AwsKeys> | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = keys;
  const expiresAtMs = Date.parse(expiration);
  if ([accessKeyId, secretAccessKey, sessionToken].some((text) => !isKeyText(text)) || Number.isNaN(expiresAtMs)) {
    return undefined;
  }
  return { value: awsKeys(accessKeyId, secretAccessKey, sessionToken), expiresAtMs };
}

/** Whether a header can carry it. */
function isKeyText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** Keys from their text; an empty session token is none. */
export function awsKeys(accessKeyId: string, secretAccessKey: string, sessionToken: string): AwsKeys {
  return {
    accessKeyId: new Secret(accessKeyId),
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken === '' ? undefined : new Secret(sessionToken),
  };
}

function parse(text: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}

function textOf(json: JsonObject, name: string): string {
  const value = json[name];
  return typeof value === 'string' ? value : '';
}
