import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../server/core/clock.ts';
import { startOtlpExport } from '../../server/telemetry/metrics/otlp-export.ts';
import { postJson } from '../../server/upstream/post-json.ts';
import { createUndiciUpstream } from '../../server/upstream/undici-upstream.ts';
import { startGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { ADMIN_KEY, OPERATOR_KEY, STRUCK_YAML, withKey } from '../support/struck-gateway.ts';

const YAML = `${STRUCK_YAML}  - name: chain
    targets: [{provider: dead, model: x}, {name: spare, provider: sim, model: simulated-chat}]
`;

const scrape = (gateway: TestGateway, key: string) => fetch(`${gateway.url}/metrics`, withKey(key));

async function chat(gateway: TestGateway, model: string, more: object = {}): Promise<number> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], ...more });
  const headers = { ...withKey(TEST_KEY).headers, 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
  await response.text();
  return response.status;
}

test('a scrape tells of calls, attempts, fallbacks, tokens and targets', async () => {
  const gateway = await startGateway({ yaml: YAML });
  await chat(gateway, 'chain');
  await chat(gateway, 'fast', { stream: true });
  await chat(gateway, 'dead/y');
  const response = await scrape(gateway, OPERATOR_KEY);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  for (const line of [
    'sluice_fallbacks_total{sluice_from="dead/x",sluice_to="sim/simulated-chat",sluice_reason="CONNECTION"} 1',
    'sluice_attempts_total{sluice_target="dead/x",sluice_reason="CONNECTION"} 1',
    'sluice_retries_total{sluice_target="dead/y",sluice_reason="CONNECTION"} 2',
    'sluice_calls_active 0',
    'sluice_target_in_flight{sluice_target="sim/simulated-chat"} 0',
    'gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="sim",gen_ai_request_model="chain"} 1',
    'gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="dead",gen_ai_request_model="dead/y",error_type="UPSTREAM_UNAVAILABLE"} 1',
    'gen_ai_server_time_to_first_token_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="sim",gen_ai_request_model="fast"} 1',
    'gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="dead",gen_ai_request_model="x",error_type="CONNECTION"} 1',
    'gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_provider_name="sim",gen_ai_request_model="simulated-chat",gen_ai_token_type="input"}',
  ]) {
    expect(text).toContain(line);
  }
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of samples) expect(line).toMatch(/^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+$/);
});

test('only operators may see metrics', async () => {
  const gateway = await startGateway({ yaml: YAML });
  const statuses = await Promise.all(
    [OPERATOR_KEY, ADMIN_KEY, TEST_KEY, 'sk-nobody'].map(async (key) => (await scrape(gateway, key)).status),
  );
  expect(statuses).toEqual([200, 200, 403, 401]);
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(401);
});

test('models that callers make up do not make metrics grow for ever', { timeout: 60_000 }, async () => {
  const gateway = await startGateway({ yaml: YAML });
  for (let round = 0; round < 26; round += 1) {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => chat(gateway, `sim/simulated-chat?output-tokens=1&n=${round}-${at}`)),
    );
  }
  const text = await (await scrape(gateway, OPERATOR_KEY)).text();
  expect(text).toContain('sluice_attempts_total{sluice_target="other"');
  const series = text.split('\n').filter((line) => line.startsWith('sluice_attempts_total{'));
  expect(series).toHaveLength(501);
});

test('an OTLP collector gets the same', async () => {
  const gateway = await startGateway({ yaml: YAML });
  await chat(gateway, 'chain');
  const got: { readonly path: string | undefined; readonly key: unknown; readonly body: string }[] = [];
  const collector = createServer(async (request, response) => {
    const body = (await request.toArray()).map(String).join('');
    got.push({ path: request.url, key: request.headers['api-key'], body });
    response.end('{}');
  });
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  const upstream = createUndiciUpstream();
  onTestFinished(async () => {
    await upstream.close();
    collector.close();
  });
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/metrics`;
  const running = startOtlpExport(
    {
      clock: systemClock,
      logger: { warn: (event, fields) => expect.fail(`${event} ${fields?.problem}`) },
      read: gateway.app.metrics.read,
      post: ({ headers }, body) => postJson(upstream, { url, headers, body }),
    },
    { url, headers: { 'api-key': 'k' }, intervalMs: 60_000, serviceName: 'sluice' },
  );
  await running.stop();
  expect(got).toHaveLength(1);
  expect(got[0]).toMatchObject({ path: '/v1/metrics', key: 'k' });
  expect(got[0]?.body).toContain('"name":"sluice.fallbacks"');
});
