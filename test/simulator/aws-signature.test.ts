import { describe, expect, test } from 'vitest';
import { Secret } from '../../server/core/secret.ts';
import {
  checkAwsSignature,
  isAwsSigned,
  SIMULATED_AWS_KEYS,
  SIMULATED_AWS_SESSION,
  type SignedRequest,
} from '../../server/simulator/aws-signature.ts';
import { signAws } from '../../server/upstream/auth/aws-sigv4.ts';
import { startTestSimulator } from '../support/test-simulator.ts';

const AT_MS = Date.UTC(2026, 0, 1);
const URL_TEXT = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse?b=2&a=%20';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request as it comes when these keys signed it. */
function signedRequest(keys: Keys = SIMULATED_AWS_KEYS, service = 'bedrock'): SignedRequest {
  const url = new URL(URL_TEXT);
  const headers = { 'content-type': 'application/json' };
  const secrets = {
    accessKeyId: new Secret(keys.accessKeyId),
    secretAccessKey: new Secret(keys.secretAccessKey),
    sessionToken: keys.sessionToken === undefined ? undefined : new Secret(keys.sessionToken),
  };
  const added = signAws({ url, method: 'POST', headers, body: '{}' }, secrets, {
    region: 'us-east-1',
    service,
    atMs: AT_MS,
  });
  return {
    method: 'POST',
    target: `${url.pathname}${url.search}`,
    headers: { ...headers, ...added, host: url.host },
    body: Buffer.from('{}'),
    nowMs: AT_MS,
  };
}

const withHeader = (name: string, value: string | undefined): SignedRequest => {
  const request = signedRequest();
  const headers = Object.fromEntries(Object.entries({ ...request.headers, [name]: value }).filter(([, each]) => each));
  return { ...request, headers };
};

describe('a signature', () => {
  test('of either pair of keys is right, in any region', () => {
    expect(checkAwsSignature(signedRequest())).toBeUndefined();
    expect(checkAwsSignature(signedRequest(SIMULATED_AWS_SESSION))).toBeUndefined();
  });

  test.each<readonly [string, SignedRequest, string]>([
    ['another method', { ...signedRequest(), method: 'PUT' }, 'InvalidSignature'],
    ['another path', { ...signedRequest(), target: '/model/other/converse?b=2&a=%20' }, 'InvalidSignature'],
    ['another query', { ...signedRequest(), target: '/model/a.b-v1%3A0/converse?b=3&a=%20' }, 'InvalidSignature'],
    ['another body', { ...signedRequest(), body: Buffer.from('{ }') }, 'InvalidSignature'],
    ['another host', withHeader('host', 'else.example'), 'InvalidSignature'],
    ['another content type', withHeader('content-type', 'text/plain'), 'InvalidSignature'],
    ['a header of AWS that is not signed', withHeader('x-amz-meta', 'x'), 'InvalidSignature'],
    ['no time', withHeader('x-amz-date', undefined), 'InvalidSignature'],
    ['a clock that is six minutes off', { ...signedRequest(), nowMs: AT_MS + 360_000 }, 'InvalidSignature'],
    ['another secret', signedRequest({ ...SIMULATED_AWS_KEYS, secretAccessKey: 'x' }), 'InvalidSignature'],
    ['another service', signedRequest(SIMULATED_AWS_KEYS, 's3'), 'InvalidSignature'],
    ['an unknown key', signedRequest({ ...SIMULATED_AWS_KEYS, accessKeyId: 'AKIA2' }), 'UnrecognizedClient'],
    [
      'temporary keys without their token',
      signedRequest({
        accessKeyId: SIMULATED_AWS_SESSION.accessKeyId,
        secretAccessKey: SIMULATED_AWS_KEYS.secretAccessKey,
      }),
      'UnrecognizedClient',
    ],
    ['an incomplete header', withHeader('authorization', 'AWS4-HMAC-SHA256 Credential=x'), 'IncompleteSignature'],
  ])('with %s is wrong', (_, request, type) => {
    expect(checkAwsSignature(request)?.errorType).toBe(`${type}Exception`);
  });

  test('is not looked for in a bearer token', () => {
    expect([isAwsSigned(signedRequest().headers), isAwsSigned({ authorization: 'Bearer k' }), isAwsSigned({})]).toEqual(
      [true, false, false],
    );
  });
});

test('a wrong signature is answered as AWS does, and costs nothing', async () => {
  const simulator = await startTestSimulator();
  const response = await fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' },
    body: '{}',
  });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([403, 'IncompleteSignatureException']);
  expect(await response.json()).toEqual({ message: 'The authorization header is incomplete.' });
  expect(simulator.invoice.entries()).toEqual([]);
});
