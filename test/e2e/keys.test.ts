import { createHash } from 'node:crypto';
import { type Client, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { KeyState } from '../../gen/sluice/admin/v1/key_pb.ts';
import { KeyService } from '../../gen/sluice/admin/v1/key_service_pb.ts';
import { KeyRole } from '../../gen/sluice/config/v1/config_pb.ts';
import { ModelService } from '../../gen/sluice/v1/model_service_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

const row = (id: string, more: string): string =>
  `  - {id: ${id}, hash: "sha256:${createHash('sha256').update(`sk-${id}`).digest('hex')}", ${more}}\n`;

let gateway: TestGateway;
beforeAll(async () => {
  const yaml = [
    row('admin', 'role: ADMIN'),
    row('red', 'role: PROJECT_ADMIN, project: red'),
    row('blue', 'role: PROJECT_ADMIN, project: blue'),
    row('operator', 'role: OPERATOR'),
  ];
  gateway = await openGateway({ yaml: yaml.join('') });
});
afterAll(() => gateway.close());

function transport(key: string, grpc = false) {
  const make = grpc ? createGrpcTransport : createConnectTransport;
  return make({
    baseUrl: gateway.url,
    httpVersion: '2',
    interceptors: [
      (next) => (request) => {
        request.header.set('authorization', `Bearer ${key}`);
        return next(request);
      },
    ],
  });
}

const keys = (key: string): Client<typeof KeyService> => createClient(KeyService, transport(key));

function chat(key: string, model: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

const MODEL = 'sim/simulated-chat';
/** The reason that a call fails for. */
async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => expect.fail('it was let through'),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  return error.findDetails(ErrorInfoSchema)[0]?.reason ?? error.message;
}

describe.each([{ grpc: false }, { grpc: true }])('a key made by a call, gRPC: $grpc', ({ grpc }) => {
  test('works at once, and not after it was revoked', async () => {
    const admin = createClient(KeyService, transport('sk-admin', grpc));
    const { key, secret } = await admin.createKey({ displayName: 'app' });
    expect(key).toMatchObject({ projectId: 'default', role: KeyRole.INFERENCE, state: KeyState.ACTIVE });
    expect((await chat(secret, MODEL)).status).toBe(200);
    await admin.revokeKey({ keyId: key?.id ?? '' });
    expect((await chat(secret, MODEL)).status).toBe(401);
  });
});

test('after a rotation the new secret works, and the old one only for the overlap', async () => {
  const { key, secret } = await keys('sk-admin').createKey({});
  const id = key?.id ?? '';
  const second = await keys('sk-admin').rotateKey({ keyId: id, overlap: { seconds: 60n } });
  expect((await chat(secret, MODEL)).status).toBe(200);
  const third = await keys('sk-admin').rotateKey({ keyId: id });
  const statuses = await Promise.all(
    [secret, second.secret, third.secret].map(async (each) => (await chat(each, MODEL)).status),
  );
  expect(statuses).toEqual([401, 401, 200]);
});

test('a key names only its models, on each door, and must say its metadata', async () => {
  const scope = { models: ['sim/*'], requiredMetadata: ['team'] };
  const { secret } = await keys('sk-admin').createKey({ scope });
  expect((await chat(secret, 'dead/x')).status).toBe(404);
  expect((await chat(secret, MODEL)).status).toBe(400);
  expect((await chat(secret, MODEL, { 'x-sluice-metadata': '{"team":"search"}' })).status).toBe(200);
  const { models } = await createClient(ModelService, transport(secret)).listModels({});
  expect(models.map(({ id }) => id)).toEqual([MODEL]);
});

test("another project's keys are not there", async () => {
  const { key } = await keys('sk-blue').createKey({ displayName: 'theirs' });
  const keyId = key?.id ?? '';
  const red = keys('sk-red');
  const calls = [
    red.getKey({ keyId }),
    red.revokeKey({ keyId }),
    red.rotateKey({ keyId }),
    red.listKeys({ projectId: 'blue' }),
  ];
  expect(await Promise.all(calls.map(reasonOf))).toEqual(calls.map(() => 'RESOURCE_NOT_FOUND'));
  expect((await red.listKeys({})).keys.filter(({ projectId }) => projectId !== 'red')).toEqual([]);
  expect((await keys('sk-admin').getKey({ keyId })).key).toMatchObject({ projectId: 'blue', creatorKeyId: 'blue' });
});

test.each([{ role: KeyRole.ADMIN }, { role: KeyRole.OPERATOR }, { projectId: 'blue' }])(
  'the admin of a project cannot make a key that does more than its own: %j',
  async (more) => {
    expect(await reasonOf(keys('sk-red').createKey(more))).toBe('PERMISSION_DENIED');
  },
);

test.each(['sk-operator', TEST_KEY])('%s may not touch keys', async (key) => {
  expect(await reasonOf(keys(key).listKeys({}))).toBe('PERMISSION_DENIED');
});

test('keys are listed page by page, each once', async () => {
  for (const displayName of ['a', 'b', 'c']) await keys('sk-red').createKey({ displayName });
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await keys('sk-red').listKeys({ pageSize: 2, pageToken });
    seen.push(...page.keys.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual([...new Set(seen)].sort());
  expect(seen.length).toBeGreaterThanOrEqual(3);
});
