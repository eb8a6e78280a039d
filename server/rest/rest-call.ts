import { create } from '@bufbuild/protobuf';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Metadata, MetadataSchema } from '../../gen/sluice/v1/metadata_pb.ts';
import { type HeaderReader, presentedKey } from '../auth/presented-key.ts';
import type { Clock } from '../core/clock.ts';
import { parseDuration } from '../core/duration.ts';
import { isJsonObject } from '../core/json.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { CallControls, Caller } from '../pipeline/admit.ts';
import type { LiveCall, LiveCalls } from '../pipeline/live-call.ts';
import { ROUTING_WORDS, readRouting } from './read-routing.ts';

/** The longest deadline that a caller can ask for. */
const MAX_TIMEOUT_MS = 86_400_000;
const MAX_RETRIES = 10;
const IDENTITY = ['user', 'team', 'application', 'environment', 'workflow', 'customer', 'region', 'session'] as const;

export interface RestDeps {
  readonly liveCalls: LiveCalls;
  readonly clock: Clock;
}

/** A header's value; of repeated ones the first. */
function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Callers by their requests: the digest is made once, though it is asked for before the body is read and after. */
const callers = new WeakMap<FastifyRequest, Caller>();

/** Who calls, by the request's headers; at Google's API also by the key in the address. */
export function restCaller(request: FastifyRequest): Caller {
  const known = callers.get(request);
  if (known !== undefined) return known;
  const headers: HeaderReader = (name) =>
    header(request, name) ?? (name === 'x-goog-api-key' ? keyInAddress(request) : undefined);
  const caller = { keySha256: presentedKey(headers) };
  callers.set(request, caller);
  return caller;
}

/** What Google's API alone has: models of v1beta, and methods of models. */
const GOOGLE_PATH = /^\/v1(?:beta\/models(?:[/?]|$)|\/models\/[^?]*:[a-zA-Z]+(?:\?|$))/;

/** Google's REST examples write ?key=…, which stands for the header. Addresses go to no log and to no provider. */
function keyInAddress({ url, query }: FastifyRequest): string | undefined {
  if (!GOOGLE_PATH.test(url)) return undefined;
  const { key } = query as Readonly<Record<string, unknown>>;
  return typeof key === 'string' ? key : undefined;
}

/** Opens the call that all work for a request obeys; a client that goes away ends it. */
export function openRestCall(deps: RestDeps, reply: FastifyReply): LiveCall {
  const call = deps.liveCalls.open(reply.request.id);
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) call.end(new SluiceError('CANCELED', 'The caller went away.'));
  });
  return call;
}

/**
 * x-sluice-max-retries, x-sluice-timeout, x-sluice-strict, x-sluice-routing and x-sluice-candidates. Throws INVALID_REQUEST
 * naming the header.
 */
export function restControls(request: FastifyRequest): CallControls {
  return {
    maxRetries: readHeader(request, 'x-sluice-max-retries', 'a whole number from 0 to 10', (text) => {
      const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
      return value <= MAX_RETRIES ? value : undefined;
    }),
    timeoutMs: readHeader(request, 'x-sluice-timeout', 'a duration such as 500ms, 30s or 2m, at most 24h', (text) => {
      const value = parseDuration(text);
      return value !== undefined && value > 0 && value <= MAX_TIMEOUT_MS ? value : undefined;
    }),
    strict: readHeader(request, 'x-sluice-strict', 'true or false', readBoolean) ?? false,
    routing: readHeader(request, 'x-sluice-routing', ROUTING_WORDS, readRouting),
    includeCandidates: readHeader(request, 'x-sluice-candidates', 'true or false', readBoolean) ?? false,
  };
}

/** Whether the caller wants the Decision in the body too: x-sluice-decision: true. */
export function wantsDecision(request: FastifyRequest): boolean {
  return readHeader(request, 'x-sluice-decision', 'true or false', readBoolean) ?? false;
}

/** x-sluice-metadata: a JSON object of texts; identity names go to their fields, the rest are labels. */
export function headerMetadata(request: FastifyRequest): Metadata | undefined {
  return readHeader(
    request,
    'x-sluice-metadata',
    'a JSON object of texts, names to 64 and values to 256 characters',
    (text) => {
      const pairs = readPairs(text);
      if (pairs === undefined) return undefined;
      const metadata = create(MetadataSchema);
      for (const [name, value] of pairs) {
        const field = IDENTITY.find((known) => known === name);
        if (field === undefined) metadata.labels[name] = value;
        else metadata[field] = value;
      }
      return metadata;
    },
  );
}

function readPairs(text: string): (readonly [string, string])[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const pairs = Object.entries(value);
    const good = pairs.every(
      ([name, item]) => typeof item === 'string' && item.length <= 256 && name.length > 0 && name.length <= 64,
    );
    return good && pairs.length <= 64 ? pairs.map(([name, item]) => [name, String(item)] as const) : undefined;
  } catch {
    return undefined;
  }
}

function readBoolean(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function readHeader<T>(
  request: FastifyRequest,
  name: string,
  expected: string,
  read: (text: string) => T | undefined,
): T | undefined {
  const text = header(request, name);
  if (text === undefined) return undefined;
  const value = read(text.trim());
  if (value !== undefined && !Number.isNaN(value)) return value;
  throw new SluiceError('INVALID_REQUEST', `The header ${name} must be ${expected}.`, {
    metadata: { field: name },
    param: name,
  });
}
