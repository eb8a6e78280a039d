import { isJsonObject, type JsonObject } from '../core/json.ts';
import { SIMULATED_AWS_SESSION } from './aws-signature.ts';

/** The secret that the simulated directory takes of any application. */
export const SIMULATED_CLIENT_SECRET = 'simulated-secret';

/** What a server that gives credentials answers. */
export interface TokenAnswer {
  readonly status: number;
  readonly json: JsonObject;
}

export interface TokenRequest {
  /** The body of a form; empty for GET. */
  readonly form: URLSearchParams;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Answers at one address. */
export type TokenServer = (request: TokenRequest) => TokenAnswer;

interface TokenServerAt {
  readonly method: string;
  readonly pattern: RegExp;
  readonly answer: TokenServer;
}

const TOKEN_LIFE_S = 3600;

/**
 * Where clouds give credentials: Google's and Microsoft Entra's token endpoints, and the address that containers of AWS ask.
 * Anybody gets a token who asks as the cloud's documentation says.
 */
const TOKEN_SERVERS: readonly TokenServerAt[] = [
  { method: 'POST', pattern: /^\/token$/, answer: answerGoogle },
  { method: 'POST', pattern: /^\/[A-Za-z0-9.-]+\/oauth2\/v2\.0\/token$/, answer: answerEntra },
  { method: 'GET', pattern: /^\/aws\/credentials$/, answer: answerContainer },
];

/** The server at an address; undefined where there is none. */
export function tokenServerAt(method: string, path: string): TokenServer | undefined {
  return TOKEN_SERVERS.find((server) => server.method === method && server.pattern.test(path))?.answer;
}

function answerGoogle({ form, nowMs }: TokenRequest): TokenAnswer {
  const wrong = form.get('grant_type') === 'refresh_token' ? complaintOfUser(form) : complaintOfAccount(form, nowMs);
  if (wrong !== undefined) return { status: 400, json: { error: 'invalid_grant', error_description: wrong } };
  return bearer('simulated-google-token');
}

function complaintOfUser(form: URLSearchParams): string | undefined {
  const missing = ['client_id', 'client_secret', 'refresh_token'].find((name) => (form.get(name) ?? '') === '');
  return missing === undefined ? undefined : `${missing} is missing.`;
}

/** The key behind the signature is nobody's that the simulator knows, so only the claims are checked. */
function complaintOfAccount(form: URLSearchParams, nowMs: number): string | undefined {
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return 'Invalid grant_type.';
  const [header, claims, signature = ''] = (form.get('assertion') ?? '').split('.');
  const { iss, scope, aud, iat, exp } = decode(claims);
  if (decode(header).alg !== 'RS256' || signature === '') return 'Invalid JWT Signature.';
  if (typeof iss !== 'string' || typeof scope !== 'string' || typeof aud !== 'string') return 'Invalid JWT: claims.';
  const now = nowMs / 1000;
  if (typeof iat !== 'number' || typeof exp !== 'number' || exp < now || exp - iat > TOKEN_LIFE_S) {
    return 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
  }
  return undefined;
}

function answerEntra({ form }: TokenRequest): TokenAnswer {
  const refuse = (status: number, error: string): TokenAnswer => ({
    status,
    json: { error, error_description: 'AADSTS7000215: Invalid client secret provided.' },
  });
  if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type');
  if (!form.get('client_id') || !form.get('scope')) return refuse(400, 'invalid_request');
  if (form.get('client_secret') !== SIMULATED_CLIENT_SECRET) return refuse(401, 'invalid_client');
  return bearer('simulated-entra-token');
}

function answerContainer({ nowMs }: TokenRequest): TokenAnswer {
  const { accessKeyId, secretAccessKey, sessionToken } = SIMULATED_AWS_SESSION;
  const json = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(nowMs + TOKEN_LIFE_S * 1000).toISOString(),
  };
  return { status: 200, json };
}

function bearer(token: string): TokenAnswer {
  return { status: 200, json: { access_token: token, expires_in: TOKEN_LIFE_S, token_type: 'Bearer' } };
}

function decode(part = ''): JsonObject {
  try {
    const json: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}
