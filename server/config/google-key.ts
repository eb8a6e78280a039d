import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Secret } from '../core/secret.ts';

/** What a key file of Google holds: of a service account, or what "gcloud auth application-default login" writes. */
export type GoogleKey =
  | {
      readonly kind: 'service_account';
      readonly email: string;
      readonly privateKey: KeyObject;
      readonly keyId: string | undefined;
      readonly tokenUrl: string;
    }
  | {
      readonly kind: 'authorized_user';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly refreshToken: Secret;
      readonly tokenUrl: string;
    };

export type ReadGoogleKey =
  | { readonly kind: 'ok'; readonly key: GoogleKey }
  /** The message never repeats what was read. */
  | { readonly kind: 'bad'; readonly message: string };

const TOKEN_URL = 'https://oauth2.googleapis.com/token';

/** Reads a key file's text. */
export function readGoogleKey(text: string): ReadGoogleKey {
  const json = parse(text);
  if (json === undefined) return bad('is not the JSON of a Google key file');
  if (json.type === 'service_account') return serviceAccount(json);
  if (json.type === 'authorized_user') return authorizedUser(json);
  return bad('is a Google key file whose type is neither service_account nor authorized_user');
}

function serviceAccount(json: JsonObject): ReadGoogleKey {
  const email = textOf(json, 'client_email');
  const pem = textOf(json, 'private_key');
  if (email === '' || pem === '') return bad('is a Google key file without client_email or private_key');
  const privateKey = rsaKey(pem);
  if (privateKey === undefined) return bad('is a Google key file whose private_key is no RSA key in PEM');
  const keyId = textOf(json, 'private_key_id') || undefined;
  return tokenUrlOf(json, (tokenUrl) => ({ kind: 'service_account', email, privateKey, keyId, tokenUrl }));
}

function authorizedUser(json: JsonObject): ReadGoogleKey {
  const clientId = textOf(json, 'client_id');
  const clientSecret = new Secret(textOf(json, 'client_secret'));
  const refreshToken = new Secret(textOf(json, 'refresh_token'));
  if (clientId === '' || clientSecret.reveal() === '' || refreshToken.reveal() === '') {
    return bad('is a Google key file without client_id, client_secret or refresh_token');
  }
  return tokenUrlOf(json, (tokenUrl) => ({ kind: 'authorized_user', clientId, clientSecret, refreshToken, tokenUrl }));
}

function tokenUrlOf(json: JsonObject, keyWith: (tokenUrl: string) => GoogleKey): ReadGoogleKey {
  const tokenUrl = textOf(json, 'token_uri') || TOKEN_URL;
  if (!URL.canParse(tokenUrl)) return bad('is a Google key file whose token_uri is no URL');
  return { kind: 'ok', key: keyWith(tokenUrl) };
}

function parse(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function textOf(json: JsonObject, name: string): string {
  const value = json[name];
  return typeof value === 'string' ? value : '';
}

function rsaKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

function bad(message: string): ReadGoogleKey {
  return { kind: 'bad', message };
}
