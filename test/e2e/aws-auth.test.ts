import { describe, expect, test } from 'vitest';
import { SIMULATED_AWS_KEYS } from '../../server/simulator/aws-signature.ts';
import { type ConfiguredGateway, chatBody, startConfiguredGateway } from '../support/configured-gateway.ts';
import { startProcess } from '../support/process.ts';
import { startTestSimulator } from '../support/test-simulator.ts';

const { accessKeyId, secretAccessKey } = SIMULATED_AWS_KEYS;
const NO_MACHINE = { AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-east-1' };

/** The simulator checks signatures at every door, so any format shows whether they are right. */
const signed = (url: string, fields = ''): string =>
  `  - {name: aws, dialect: openai-chat, base_url: "${url}/v1", allow_private_address: true, auth_scheme: AWS_SIGV4${fields}}`;

const ask = (gateway: ConfiguredGateway, model = 'aws/anthropic.claude-v1:0', more = {}) =>
  gateway.post('/v1/chat/completions', chatBody(model, more));

describe('a signed call', () => {
  test('is answered where the keys of the configuration are right', async () => {
    const simulator = await startTestSimulator();
    const gateway = await startConfiguredGateway({
      providers: signed(simulator.url, ', aws: {access_key_id: "env:ID", secret_access_key: "env:SECRET"}'),
      env: { ...NO_MACHINE, ID: accessKeyId, SECRET: secretAccessKey },
    });
    expect((await ask(gateway)).status).toBe(200);
    const streamed = await ask(gateway, 'aws/m', { stream: true });
    expect(await streamed.text()).toContain('[DONE]');
  });

  test('whose body has characters beyond ASCII is signed as its bytes', async () => {
    const simulator = await startTestSimulator();
    const gateway = await startConfiguredGateway({
      providers: signed(simulator.url),
      env: { ...NO_MACHINE, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    });
    const messages = [{ role: 'user', content: 'Grüße, 世界 🌍 \u0000 \ud800' }];
    expect((await ask(gateway, 'aws/m', { messages })).status).toBe(200);
  });

  test('takes a profile of the credentials file', async () => {
    const simulator = await startTestSimulator();
    const text = `[work]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    const gateway = await startConfiguredGateway({
      providers: signed(simulator.url, ', aws: {profile: work}'),
      env: NO_MACHINE,
      files: { '/nowhere/.aws/credentials': text },
    });
    expect((await ask(gateway)).status).toBe(200);
  });

  test.each([
    ['a wrong secret', { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'wrong-secret' }],
    ['an unknown key', { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN', AWS_SECRET_ACCESS_KEY: secretAccessKey }],
    ['no keys at all', {}],
  ])('with %s is told of as a rejected credential, without any secret', async (_, keys) => {
    const simulator = await startTestSimulator();
    const gateway = await startConfiguredGateway({
      providers: signed(simulator.url),
      env: { ...NO_MACHINE, ...keys },
    });
    const response = await ask(gateway);
    expect([response.status, response.headers.get('x-sluice-reason')]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
    expect(await response.text()).not.toMatch(/wrong-secret|wJalr|AKIA/);
    expect(simulator.invoice.entries()).toEqual([]);
  });
});

test('a container’s temporary keys sign with their session token', async () => {
  const simulator = await startTestSimulator();
  const gateway = await startConfiguredGateway({
    providers: signed(simulator.url),
    env: { ...NO_MACHINE, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${simulator.url}/aws/credentials` },
  });
  const answers = await Promise.all([1, 2, 3, 4].map(() => ask(gateway)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('the server itself reads the environment and the files of its user', async () => {
  const simulator = await startTestSimulator();
  const key = 'sk-sluice-process-0123456789abcdefghijklmnopqrstuvwxyzABCD';
  const config = `providers:\n${signed(simulator.url)}\nkeys:\n  - {id: app, secret: "env:APP_KEY"}\n`;
  const env = {
    ...NO_MACHINE,
    APP_KEY: key,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${simulator.url}/aws/credentials`,
  };
  const sluice = await startProcess({ config, env });
  const response = await fetch(`${sluice.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(chatBody('aws/m')),
  });
  expect(response.status).toBe(200);
});
