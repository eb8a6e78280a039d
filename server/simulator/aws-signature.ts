import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ALGORITHM, awsSignature, credentialScope, type SigningScope } from '../upstream/auth/aws-sigv4.ts';

/** AWS's own example keys, which its documentation uses. They open nothing but this. */
export const SIMULATED_AWS_KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const;

/** The temporary keys that the simulator gives to containers; they need their session token. */
export const SIMULATED_AWS_SESSION = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'simulated-session-token',
} as const;

/** A request as it came. */
export interface SignedRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Why AWS answers 403. */
export interface SignatureRefusal {
  /** The value of x-amzn-errortype. */
  readonly errorType: string;
  readonly message: string;
}

/** How far clocks may be apart. */
const MAX_SKEW_MS = 5 * 60_000;

/** What must be signed, as far as it was sent. */
const MUST_BE_SIGNED = /^(?:host|x-amz-.*)$/;

/** Whether a request says that it is signed; others may bear a key of another kind. */
export function isAwsSigned({ authorization = '' }: IncomingHttpHeaders): boolean {
  return authorization.startsWith(ALGORITHM);
}

/** What is wrong with the signature of a request to Bedrock, in any region; undefined where it is right. */
export function checkAwsSignature(request: SignedRequest): SignatureRefusal | undefined {
  const { headers, nowMs } = request;
  const claim = readAuthorization(headers.authorization ?? '');
  if (claim === undefined) return refusal('IncompleteSignatureException', 'The authorization header is incomplete.');
  const date = headerOf(headers, 'x-amz-date');
  const sentAtMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(sentAtMs - nowMs) <= MAX_SKEW_MS)) {
    return refusal('InvalidSignatureException', `Signature not current: ${date} is too far from this clock.`);
  }
  const secret = secretOf(claim.accessKeyId, headerOf(headers, 'x-amz-security-token'));
  if (secret === undefined) {
    return refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  const scope: SigningScope = { region: claim.region, service: 'bedrock', date };
  const unsigned = Object.keys(headers).find((name) => MUST_BE_SIGNED.test(name) && !claim.names.includes(name));
  if (claim.scope !== credentialScope(scope) || unsigned !== undefined) {
    return refusal(
      'InvalidSignatureException',
      'The scope of the credential, or the list of signed headers, is wrong.',
    );
  }
  if (isSame(claim.signature, signatureOf(request, { names: claim.names, secret, scope }))) return undefined;
  return refusal(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided.',
  );
}

interface Claim {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly region: string;
  readonly names: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8}\/([a-z0-9-]+)\/[a-z0-9-]+\/aws4_request), ?SignedHeaders=([a-z0-9;_-]+), ?Signature=([0-9a-f]{64})$/;

function readAuthorization(text: string): Claim | undefined {
  const [, accessKeyId, scope, region, names, signature] = AUTHORIZATION.exec(text) ?? [];
  if (!accessKeyId || !scope || !region || !names || !signature) return undefined;
  return { accessKeyId, scope, region, names: names.split(';'), signature };
}

function secretOf(accessKeyId: string, sessionToken: string): string | undefined {
  if (accessKeyId === SIMULATED_AWS_KEYS.accessKeyId && sessionToken === '') return SIMULATED_AWS_KEYS.secretAccessKey;
  const { accessKeyId: id, sessionToken: token, secretAccessKey } = SIMULATED_AWS_SESSION;
  return accessKeyId === id && sessionToken === token ? secretAccessKey : undefined;
}

interface Signing {
  readonly names: readonly string[];
  readonly secret: string;
  readonly scope: SigningScope;
}

function signatureOf({ method, target, headers, body }: SignedRequest, { names, secret, scope }: Signing): string {
  const [path = '', ...query] = target.split('?');
  const signed = Object.fromEntries(names.map((name) => [name, headerOf(headers, name)]));
  return awsSignature({ method, path, query: query.join('?'), headers: signed, body }, secret, scope);
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  return headers[name]?.toString() ?? '';
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function refusal(errorType: string, message: string): SignatureRefusal {
  return { errorType, message };
}
