import { createHash, createHmac } from 'node:crypto';
import type { AwsKeys } from '../../config/snapshot.ts';

// AWS Signature Version 4, for all services but S3:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What of a request is signed. */
export interface SignedParts {
  readonly method: string;
  /** As it goes over the wire, beginning with "/". */
  readonly path: string;
  /** As it goes over the wire, without "?". */
  readonly query: string;
  /** The headers to sign. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What a signature holds for. */
export interface SigningScope {
  readonly region: string;
  /** As in bedrock. */
  readonly service: string;
  /** As in 20150830T123600Z. */
  readonly date: string;
}

/** A request that is to be signed. */
export interface SignableRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where and when a request is signed. */
export interface SigningPlace {
  readonly region: string;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** The headers that sign a request, to be set beside its own: content-type, host and all that begin with x-amz- are signed. */
export function signAws(request: SignableRequest, keys: AwsKeys, place: SigningPlace): Record<string, string> {
  const date = awsDate(place.atMs);
  const added: Record<string, string> = {
    'x-amz-date': date,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken.reveal() }),
  };
  const own = Object.entries(request.headers).filter(([name]) => name === 'content-type' || name.startsWith('x-amz-'));
  const { url, method, body = '' } = request;
  const headers = { ...Object.fromEntries(own), ...added, host: url.host };
  const scope = { region: place.region, service: place.service, date };
  const parts = { method, path: url.pathname, query: url.search.slice(1), headers, body };
  const signature = awsSignature(parts, keys.secretAccessKey.reveal(), scope);
  const credential = `${keys.accessKeyId.reveal()}/${credentialScope(scope)}`;
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedNames(headers)}, Signature=${signature}`;
  return { ...added, authorization };
}

/** The signature itself, 64 hexadecimal digits. */
export function awsSignature(parts: SignedParts, secretAccessKey: string, scope: SigningScope): string {
  const text = [ALGORITHM, scope.date, credentialScope(scope), sha256(canonicalRequest(parts))].join('\n');
  const day = hmac(`AWS4${secretAccessKey}`, scope.date.slice(0, 8));
  const key = hmac(hmac(hmac(day, scope.region), scope.service), 'aws4_request');
  return createHmac('sha256', key).update(text).digest('hex');
}

/** As in 20150830/us-east-1/service/aws4_request. */
export function credentialScope({ date, region, service }: SigningScope): string {
  return `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** A time as AWS writes it, as in 20150830T123600Z. */
export function awsDate(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+|[:-]/g, '');
}

/** The form of a request that both sides hash. */
export function canonicalRequest({ method, path, query, headers, body }: SignedParts): string {
  const lines = sortedNames(headers).map((name) => `${name}:${trimmed(headers[name] ?? '')}\n`);
  return [method, canonicalPath(path), canonicalQuery(query), lines.join(''), signedNames(headers), sha256(body)].join(
    '\n',
  );
}

function sortedNames(headers: SignedParts['headers']): string[] {
  return Object.keys(headers).sort();
}

function signedNames(headers: SignedParts['headers']): string {
  return sortedNames(headers).join(';');
}

function trimmed(value: string): string {
  return value.trim().replace(/ +/g, ' ');
}

/** Encoded once more than over the wire: a ":" that goes as %3A is signed as %253A. Empty segments do not count. */
function canonicalPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const slash = path.endsWith('/') && segments.length > 0 ? '/' : '';
  return `/${segments.map(encode).join('/')}${slash}`;
}

/** Sorted by name, then by value; each encoded once, whatever its spelling over the wire. */
function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const [name = '', ...value] = pair.split('=');
      return [encode(decode(name)), encode(decode(value.join('=')))];
    });
  return pairs
    .sort((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]))
    .map((pair) => pair.join('='))
    .join('&');
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/** RFC 3986: all but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
