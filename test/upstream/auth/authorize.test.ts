import { describe, expect, test } from 'vitest';
import { Secret } from '../../../server/core/secret.ts';
import { settle } from '../../support/fake-clock.ts';
import { failureOf } from '../loopback.ts';
import { awsAuth, createAuthBench, entraAuth, googleAuth, headersOf, keyFile, requestWith, said } from './support.ts';

const tokenOf = (name: string) => said({ access_token: name, expires_in: 3600 });
const OK = said('{}');
const HOUR = 3_600_000;

const KEYS = {
  accessKeyId: new Secret('AKIA1'),
  secretAccessKey: new Secret('aws-secret'),
  sessionToken: undefined,
};

describe('a credential is kept', () => {
  test('for all calls of a provider', async () => {
    const bench = createAuthBench({ answers: [tokenOf('t1'), OK] });
    const auth = entraAuth();
    for (let call = 0; call < 5; call += 1) {
      expect((await headersOf(bench, auth)).authorization).toBe('Bearer t1');
    }
    expect(bench.upstream.requests).toHaveLength(6);
  });

  test('when the configuration is loaded again, or another provider has the same one', async () => {
    const bench = createAuthBench({ answers: [tokenOf('t1'), OK] });
    await headersOf(bench, entraAuth());
    await headersOf(bench, entraAuth());
    expect(bench.upstream.requests).toHaveLength(3);
  });

  test('apart from those with another secret', async () => {
    const bench = createAuthBench({ answers: [tokenOf('t1'), OK, tokenOf('t2'), OK] });
    expect((await headersOf(bench, entraAuth('one'))).authorization).toBe('Bearer t1');
    expect((await headersOf(bench, entraAuth('two'))).authorization).toBe('Bearer t2');
  });

  test('apart by kind, key and region too', async () => {
    const bench = createAuthBench({ answers: [OK] });
    const one = await headersOf(bench, awsAuth({ keys: KEYS }));
    const two = await headersOf(bench, awsAuth({ keys: KEYS, region: 'eu-west-1' }));
    expect(one.authorization).toContain('/us-east-1/bedrock/aws4_request');
    expect(two.authorization).toContain('/eu-west-1/bedrock/aws4_request');
  });
});

describe('a token that the provider refuses with 401', () => {
  test('is given up, so that the next call has a new one', async () => {
    const bench = createAuthBench({ answers: [tokenOf('t1'), OK, said('', 401), tokenOf('t2'), OK] });
    const auth = entraAuth();
    await headersOf(bench, auth);
    await bench.clock.advance(120_000);
    expect((await headersOf(bench, auth)).authorization).toBe('Bearer t1');
    expect((await headersOf(bench, auth)).authorization).toBe('Bearer t2');
  });

  test('at once is kept: the answer still reaches the pipeline, and the token server is left alone', async () => {
    const bench = createAuthBench({ answers: [tokenOf('t1'), said('', 401)] });
    const auth = entraAuth();
    for (let call = 0; call < 3; call += 1) await headersOf(bench, auth);
    expect(bench.upstream.requests).toHaveLength(4);
  });
});

describe('keys of AWS', () => {
  test('sign each request at its own time', async () => {
    const bench = createAuthBench({ answers: [OK] });
    const auth = awsAuth({ keys: KEYS });
    const first = await headersOf(bench, auth);
    await bench.clock.advance(HOUR);
    const second = await headersOf(bench, auth);
    expect(first).toMatchObject({ 'content-type': 'application/json', 'x-amz-date': '20260101T000000Z' });
    expect(second['x-amz-date']).toBe('20260101T010000Z');
    expect(first.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA1\/20260101\/us-east-1\/bedrock\/aws4_request,/,
    );
    expect(first.authorization).not.toBe(second.authorization);
  });

  const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/k' };
  const keys = (id: string) =>
    said({ AccessKeyId: id, SecretAccessKey: 's', Token: 't', Expiration: '2026-01-01T06:00:00Z' });

  test.each([
    ['ExpiredTokenException', 'AKIA2'],
    ['UnrecognizedClientException:http://internal.amazon.com/', 'AKIA2'],
    // It says what the keys may do; new ones may do no more.
    ['AccessDeniedException', 'AKIA1'],
  ])('refused with 403 %s: the next request has those of %s', async (type, id) => {
    const refused = said('', 403, { 'x-amzn-errortype': type });
    const bench = createAuthBench({ answers: [keys('AKIA1'), OK, refused, keys('AKIA2'), OK], env });
    const auth = awsAuth();
    await headersOf(bench, auth);
    await bench.clock.advance(120_000);
    await headersOf(bench, auth);
    expect((await headersOf(bench, auth)).authorization).toContain(`Credential=${id}/`);
    expect(bench.upstream.requests.filter(({ method }) => method === 'GET')).toHaveLength(id === 'AKIA2' ? 2 : 1);
  });
});

test('an abort while the token is fetched ends that call, and the provider is not asked', async () => {
  const bench = createAuthBench({ answers: [{ refuse: 'stall' }] });
  const leaving = new AbortController();
  const call = failureOf(
    bench.authorized.send(requestWith(entraAuth()), { signal: leaving.signal, connectTimeoutMs: 1000 }),
  );
  await settle();
  leaving.abort(new Error('gone'));
  expect(await call).toEqual(new Error('gone'));
  expect(bench.upstream.requests).toHaveLength(1);
});

test('no header, error or printed object of the machinery shows a secret', async () => {
  const bench = createAuthBench({ answers: [said({ error: 'invalid_grant' }, 400)] });
  const error = await failureOf(headersOf(bench, googleAuth(keyFile())));
  const { inspect } = await import('node:util');
  for (const shown of [inspect(error, { depth: 10 }), JSON.stringify(googleAuth()), inspect(awsAuth({ keys: KEYS }))]) {
    expect(shown).not.toMatch(/PRIVATE KEY|aws-secret|AKIA1/);
  }
});
