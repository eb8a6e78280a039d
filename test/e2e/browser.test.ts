import { describe, expect, it, onTestFinished } from 'vitest';
import { chromium } from '../setup/tools.ts';
import { runInBrowser } from '../support/browser.ts';
import { openGateway, TEST_KEY } from '../support/gateway.ts';

const MODEL = 'sim/simulated-chat?output-tokens=20';

async function gatewayWithCors(yaml: string): Promise<string> {
  const gateway = await openGateway({ yaml });
  onTestFinished(() => gateway.close());
  return gateway.url;
}

/** What a page reads over one protocol: an answer, a stream, an error. */
const readAll = (url: string, protocol: string): string => `
  const { createSluiceClient, SluiceError } = await import('/clients/ts/src/web.ts');
  const options = { baseUrl: '${url}', apiKey: '${TEST_KEY}', protocol: '${protocol}' };
  const client = createSluiceClient(options);
  const input = { model: '${MODEL}', messages: [{ role: 3, parts: [{ kind: { case: 'text', value: { text: 'Hello' } } }] }] };
  const whole = await client.chat(input);
  let streamed = '';
  let pieces = 0;
  for await (const event of client.streamChat(input)) {
    if (event.case !== 'partDelta') continue;
    streamed += event.value.delta.value;
    pieces += 1;
  }
  const error = await createSluiceClient({ ...options, apiKey: 'wrong' }).chat(input).catch((thrown) => thrown);
  await post({
    whole: whole.choices[0].parts[0].kind.value.text,
    streamed,
    pieces,
    reason: error instanceof SluiceError ? error.reason : String(error),
    requestId: whole.decision.requestId,
  });`;

describe.skipIf(chromium.path === undefined)(
  `a page in a browser${chromium.path === undefined ? ` (skipped: ${chromium.missing})` : ''}`,
  { timeout: 90_000 },
  () => {
    it.each(['connect', 'grpc-web'])('gets answers, streams and typed errors over %s', async (protocol) => {
      const url = await gatewayWithCors('cors: {allowed_origins: ["*"]}');
      const told = (await runInBrowser(chromium.path ?? '', readAll(url, protocol))) as Record<string, unknown>;
      expect(told).toMatchObject({ reason: 'UNAUTHENTICATED', requestId: expect.stringMatching(/^req_/) });
      expect(told['whole']).not.toBe('');
      expect(told['streamed']).toBe(told['whole']);
      expect(told['pieces']).toBeGreaterThan(5);
    });

    it('reads the decision headers of the REST door, errors included', async () => {
      const url = await gatewayWithCors('cors: {allowed_origins: ["*"]}');
      const script = `
        const call = async (key) => {
          const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/json' };
          const body = JSON.stringify({ model: '${MODEL}', messages: [{ role: 'user', content: 'Hello' }] });
          const response = await fetch('${url}/v1/chat/completions', { method: 'POST', headers, body });
          return [response.status, response.headers.get('x-sluice-provider'), response.headers.get('x-sluice-reason')];
        };
        await post([await call('${TEST_KEY}'), await call('wrong')]);`;
      expect(await runInBrowser(chromium.path ?? '', script)).toEqual([
        [200, 'sim', null],
        [401, null, 'UNAUTHENTICATED'],
      ]);
    });

    it('is kept out where its origin is not allowed', async () => {
      const url = await gatewayWithCors('cors: {allowed_origins: ["https://app.example.com"]}');
      const script = `await post(await fetch('${url}/v1/models').then(() => 'let in', (error) => error.name));`;
      expect(await runInBrowser(chromium.path ?? '', script)).toBe('TypeError');
    });
  },
);
