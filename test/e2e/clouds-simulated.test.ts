import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { SIMULATED_AWS_KEYS } from '../../server/simulator/aws-signature.ts';
import { chatBody, startConfiguredGateway } from '../support/configured-gateway.ts';
import { sse } from '../support/sse.ts';
import { startTestSimulator } from '../support/test-simulator.ts';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

/** A gateway whose one provider, named cloud, is the simulator in the place of a cloud. */
async function startCloud(fields: (url: string) => string) {
  const simulator = await startTestSimulator();
  const gateway = await startConfiguredGateway({
    providers: `  - {name: cloud, allow_private_address: true, ${fields(simulator.url)}}`,
    env: { CLIENT: 'simulated-secret', ID: SIMULATED_AWS_KEYS.accessKeyId, SECRET: SIMULATED_AWS_KEYS.secretAccessKey },
    files: { 'key.json': JSON.stringify({ type: 'service_account', client_email: 'a@p', private_key: pem }) },
  });
  return { gateway, simulator };
}

const ENTRA = (url: string, client = 'CLIENT') =>
  `auth_scheme: ENTRA, credential: "env:${client}", entra: {tenant_id: t, client_id: c, authority_url: "${url}"}`;
const GOOGLE = (url: string) => `credential: "file:key.json", google: {token_url: "${url}/token"}`;

const CLOUDS: readonly (readonly [name: string, fields: (url: string) => string])[] = [
  ['Azure by Entra', (url) => `preset: azure, base_url: "${url}", ${ENTRA(url)}`],
  ['Azure by version', (url) => `preset: azure, base_url: "${url}", api_version: "2024-10-21", ${ENTRA(url)}`],
  [
    'Azure by its Responses API',
    (url) => `preset: azure, dialect: openai-responses, base_url: "${url}", ${ENTRA(url)}`,
  ],
  [
    'Amazon Bedrock',
    (url) =>
      `preset: bedrock, base_url: "${url}", aws: {region: eu-west-1, access_key_id: "env:ID", secret_access_key: "env:SECRET"}`,
  ],
  [
    'Gemini on Vertex AI',
    (url) => `preset: vertex, base_url: "${url}/v1/projects/p/locations/l/publishers/google", ${GOOGLE(url)}`,
  ],
  [
    'Claude on Vertex AI',
    (url) =>
      `preset: vertex-anthropic, base_url: "${url}/v1/projects/p/locations/l/publishers/anthropic", ${GOOGLE(url)}`,
  ],
];

test.each(CLOUDS)('%s answers in one piece and as a stream', async (_, fields) => {
  const { gateway, simulator } = await startCloud(fields);
  const whole = await gateway.post('/v1/chat/completions', chatBody('cloud/m@1:2', { max_tokens: 50 }));
  expect(whole.status).toBe(200);
  const streamed = await gateway.post(
    '/v1/chat/completions',
    chatBody('cloud/m@1:2', { stream: true, max_tokens: 50 }),
  );
  expect(sse(await streamed.text()).at(-1)).toBe('[DONE]');
  await simulator.idle();
  expect(simulator.invoice.entries().map(({ model, authorized }) => [model, authorized])).toEqual([
    ['m@1:2', true],
    ['m@1:2', true],
  ]);
});

test('an application whose secret is wrong is told of as a rejected credential', async () => {
  const { gateway } = await startCloud((url) => `preset: azure, base_url: "${url}", ${ENTRA(url, 'ID')}`);
  const response = await gateway.post('/v1/chat/completions', chatBody('cloud/m'));
  expect([response.status, response.headers.get('x-sluice-reason')]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
  expect(await response.text()).not.toContain(SIMULATED_AWS_KEYS.accessKeyId);
  expect(gateway.reports).toEqual([
    expect.stringMatching(
      /^No credential could be had: 127\.0\.0\.1:\d+ answered 401 \(invalid_client, AADSTS7000215\)\.$/,
    ),
  ]);
});

test('embeddings of Azure come by its paths', async () => {
  const { gateway } = await startCloud((url) => `preset: azure, base_url: "${url}", ${ENTRA(url)}`);
  expect((await gateway.post('/v1/embeddings', { model: 'cloud/e', input: 'x' })).status).toBe(200);
});

test('Bedrock’s own refusal of a wrong signature is told of as a rejected credential', async () => {
  const { gateway, simulator } = await startCloud(
    (url) =>
      `preset: bedrock, base_url: "${url}", aws: {region: eu-west-1, access_key_id: "env:ID", secret_access_key: "env:CLIENT"}`,
  );
  for (const stream of [false, true]) {
    const response = await gateway.post('/v1/chat/completions', chatBody('cloud/anthropic.claude-v1:0', { stream }));
    expect([response.status, response.headers.get('x-sluice-reason')]).toEqual([502, 'UPSTREAM_CREDENTIAL_REJECTED']);
  }
  expect(simulator.invoice.entries()).toEqual([]);
});

test('a model of Bedrock that is an ARN is signed as it is sent', async () => {
  const { gateway } = await startCloud(
    (url) =>
      `preset: bedrock, base_url: "${url}", aws: {region: eu-west-1, access_key_id: "env:ID", secret_access_key: "env:SECRET"}`,
  );
  const model = 'cloud/arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2';
  expect((await gateway.post('/v1/chat/completions', chatBody(model, { max_tokens: 20 }))).status).toBe(200);
});
