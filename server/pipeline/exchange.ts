import type { ProviderSnapshot } from '../config/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { HttpFailure, WireRequest } from '../dialects/dialect.ts';
import { AttemptError } from '../errors/attempt-error.ts';
import { readText } from '../upstream/read-text.ts';
import type { Upstream, UpstreamResponse } from '../upstream/upstream.ts';
import type { AttemptEntry } from './attempt-log.ts';
import type { AttemptTimers } from './attempt-timers.ts';
import { sendDrilled } from './drilled-send.ts';

export interface ExchangeDeps {
  readonly upstream: Upstream;
  readonly clock: Clock;
}

/** A request that is ready to be sent, as often as it takes. */
export interface PreparedRequest {
  readonly provider: ProviderSnapshot;
  readonly request: WireRequest;
  readonly accept: 'application/json' | 'text/event-stream';
  readonly connectTimeoutMs: number;
  readonly decodeError: (failure: HttpFailure) => AttemptError;
}

/** How much of an error's body is read. */
const ERROR_BODY_BYTES = 64 * 1024;

/** Sends a request and returns its answer once that has begun with a status of success; throws AttemptError otherwise. */
export async function exchange(
  deps: ExchangeDeps,
  prepared: PreparedRequest,
  { entry, timers }: { readonly entry: AttemptEntry; readonly timers: AttemptTimers },
): Promise<UpstreamResponse> {
  const { signal } = timers;
  // Of several credentials, the attempt's own.
  const { headers, auth } = entry.credential ?? prepared.provider;
  const send = (): Promise<UpstreamResponse> =>
    sendRequest(deps, { ...prepared, credentialHeaders: headers, auth }, signal);
  const { strike } = entry;
  const contentSeen = (): boolean => entry.toMessage().firstContent !== undefined;
  const response = await (strike === undefined
    ? send()
    : sendDrilled({ strike, signal, accept: prepared.accept, contentSeen, send }));
  entry.answered(response.status);
  timers.progress();
  if (response.status >= 200 && response.status < 300) return { ...response, body: watched(response.body, timers) };
  throw await refusal(deps, prepared, response);
}

/** A request with what it bears besides: the provider's headers, credentials among them. */
type CredentialedRequest = PreparedRequest & {
  readonly credentialHeaders: ProviderSnapshot['headers'];
  readonly auth: ProviderSnapshot['auth'];
};

function sendRequest(
  deps: ExchangeDeps,
  prepared: CredentialedRequest,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const { provider, request } = prepared;
  return deps.upstream.send(
    {
      url: new URL(provider.baseUrl + request.path),
      method: 'POST',
      headers: requestHeaders(prepared),
      body: JSON.stringify(request.body),
      allowPrivateAddress: provider.allowPrivateAddress,
      auth: prepared.auth,
    },
    { signal, connectTimeoutMs: prepared.connectTimeoutMs },
  );
}

/** Only what stands here goes out: none of the caller's headers does. */
function requestHeaders({ credentialHeaders, request, accept }: CredentialedRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept,
    'user-agent': 'sluice',
    ...request.headers,
  };
  for (const [name, value] of credentialHeaders) headers[name] = value.reveal();
  return headers;
}

async function refusal(
  deps: ExchangeDeps,
  prepared: PreparedRequest,
  response: UpstreamResponse,
): Promise<AttemptError> {
  const receivedAtMs = deps.clock.now();
  const { status, headers } = response;
  const text = await readText(response.body, ERROR_BODY_BYTES, 'cut');
  if (status >= 400) return prepared.decodeError({ status, headers, text, receivedAtMs });
  return new AttemptError('SERVER_ERROR', 'The provider redirects, which is not followed.', { status });
}

/** The same body; the timers run while it is waited for. */
async function* watched(body: AsyncIterable<Uint8Array>, timers: AttemptTimers): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    timers.pause();
    yield chunk;
    timers.progress();
  }
}
