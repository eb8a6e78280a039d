import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { Secret } from '../../core/secret.ts';
import type { UpstreamRequest } from '../upstream.ts';
import { ask, type Reply, refusalOf } from './ask.ts';
import type { AuthDeps } from './auth-deps.ts';
import type { Lease } from './renewal.ts';

/** A token endpoint, and what it is asked. */
export interface TokenQuestion {
  readonly url: URL;
  readonly form: Readonly<Record<string, string>>;
  readonly allowPrivateAddress: boolean;
}

/** expires_in is only recommended. */
const ASSUMED_LIFE_S = 300;

/** Asks a token endpoint (RFC 6749, 5.1) for a bearer token. Throws AttemptError, whose message holds no secret. */
export async function askForToken(
  { upstream, clock }: AuthDeps,
  { url, form, allowPrivateAddress }: TokenQuestion,
  signal: AbortSignal,
): Promise<Lease<Secret>> {
  const request: UpstreamRequest = {
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'sluice',
    },
    body: new URLSearchParams(form).toString(),
    allowPrivateAddress,
  };
  const askedAtMs = clock.now();
  const reply = await ask(upstream, request, { signal });
  const json = parse(reply);
  const token = json.access_token;
  if (reply.status !== 200 || typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw refusalOf(request, reply, complaintOf(json));
  }
  const seconds = Number(json.expires_in ?? ASSUMED_LIFE_S);
  const life = Number.isFinite(seconds) && seconds > 0 ? seconds : ASSUMED_LIFE_S;
  return { value: new Secret(token), expiresAtMs: askedAtMs + life * 1000 };
}

function parse({ text }: Reply): JsonObject {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}

/** RFC 6749's code, as in invalid_client, and Microsoft's number, as in AADSTS7000215; the description stays unsaid. */
function complaintOf(json: JsonObject): string {
  const { error, error_description: description } = json;
  const code = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : '';
  const number = typeof description === 'string' ? (/\bAADSTS\d{1,12}\b/.exec(description)?.[0] ?? '') : '';
  return [code, number].filter((word) => word !== '').join(', ');
}
