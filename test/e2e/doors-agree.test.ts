import { type ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { sse } from '../support/sse.ts';

/** How a call ended, in words that all doors share. */
interface Ending {
  readonly reason: string;
  readonly text: string;
  readonly attempts: number;
}

interface Ask {
  readonly model: string;
  readonly stream: boolean;
  readonly key?: string;
  readonly timeoutMs?: number;
}

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway({
    yaml: `
routes:
  - name: quick
    targets: [{provider: sim, model: "simulated-chat?fault=no-answer"}]
    retry: {max_attempts_per_target: 1}
    timeouts: {total: 5s, per_try: 300ms, ttft: 300ms}
`,
  });
});
afterAll(() => gateway.close());

async function overRest({ model, stream, key = TEST_KEY, timeoutMs }: Ask): Promise<Ending> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-sluice-max-retries': '0',
      ...(timeoutMs === undefined ? {} : { 'x-sluice-timeout': `${timeoutMs}ms` }),
    },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const attempts = Number(response.headers.get('x-sluice-attempts') ?? 0);
  const body = await response.text();
  if (!response.ok) return { reason: response.headers.get('x-sluice-reason') ?? '', text: '', attempts };
  if (!stream) return { reason: 'OK', text: JSON.parse(body).choices[0].message.content, attempts };
  const events = sse(body);
  const chunks = events.filter((event) => event !== '[DONE]').map((event) => JSON.parse(event));
  const text = chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join('');
  const error = chunks.find((chunk) => chunk.error !== undefined);
  if (error !== undefined) return { reason: String(error.error.code).toUpperCase(), text, attempts };
  return { reason: events.at(-1) === '[DONE]' ? 'OK' : 'CUT', text, attempts };
}

const TRANSPORTS = {
  'Connect, HTTP/1.1': () => createConnectTransport({ baseUrl: gateway.url, httpVersion: '1.1' }),
  'Connect, HTTP/2': () => createConnectTransport({ baseUrl: gateway.url, httpVersion: '2' }),
  gRPC: () => createGrpcTransport({ baseUrl: gateway.url }),
  'gRPC-Web': () => createGrpcWebTransport({ baseUrl: gateway.url, httpVersion: '1.1' }),
};

async function overRpc(transport: keyof typeof TRANSPORTS, ask: Ask): Promise<Ending> {
  const client = createClient(ChatService, TRANSPORTS[transport]());
  const request = {
    generation: {
      model: ask.model,
      messages: [{ role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: 'Hello' } } }] }],
    },
    gateway: { maxRetries: 0 },
  };
  const options = {
    headers: { authorization: `Bearer ${ask.key ?? TEST_KEY}` },
    ...(ask.timeoutMs === undefined ? {} : { timeoutMs: ask.timeoutMs }),
  };
  let text = '';
  try {
    if (!ask.stream) {
      const response = await client.chat(request, options);
      const part = response.choices[0]?.parts[0]?.kind;
      return {
        reason: 'OK',
        text: part?.case === 'text' ? part.value.text : '',
        attempts: response.decision?.attempts.length ?? 0,
      };
    }
    let attempts = 0;
    for await (const { event } of client.streamChat(request, options)) {
      if (event.case === 'partDelta' && event.value.delta.case === 'text') text += event.value.delta.value;
      if (event.case === 'finish') attempts = event.value.decision?.attempts.length ?? 0;
    }
    return { reason: 'OK', text, attempts };
  } catch (thrown) {
    const error = thrown as ConnectError;
    const [info] = error.findDetails(ErrorInfoSchema);
    const [decision] = error.findDetails(DecisionSchema);
    // A client whose own deadline passed may not wait for the server's answer.
    const reason = info?.reason ?? (ask.timeoutMs === undefined ? `no reason: ${error.message}` : 'DEADLINE_EXCEEDED');
    return { reason, text, attempts: decision?.attempts.length ?? 1 };
  }
}

const DOORS = [
  { door: 'REST', run: overRest },
  ...(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[]).map((door) => ({
    door,
    run: (ask: Ask) => overRpc(door, ask),
  })),
];

const REFUSALS = [
  ['a wrong key', { model: 'sim/simulated-chat', key: 'sk-sluice-wrong' }, 'UNAUTHENTICATED', 0],
  ['an unknown model', { model: 'nobody/knows' }, 'MODEL_NOT_FOUND', 0],
  ['a provider that nobody can reach', { model: 'dead/x' }, 'UPSTREAM_UNAVAILABLE', 1],
  ['a rate limit', { model: 'sim/simulated-chat?fault=status&code=429' }, 'UPSTREAM_RATE_LIMITED', 1],
  ['an overloaded provider', { model: 'sim/simulated-chat?fault=status&code=529' }, 'UPSTREAM_OVERLOADED', 1],
  ['a provider that fails', { model: 'sim/simulated-chat?fault=status&code=500' }, 'UPSTREAM_UNAVAILABLE', 1],
  ['a refused credential', { model: 'sim/simulated-chat?fault=status&code=401' }, 'UPSTREAM_CREDENTIAL_REJECTED', 1],
  ['an HTML page', { model: 'sim/simulated-chat?fault=html' }, 'UPSTREAM_MALFORMED', 1],
  ['a provider that stays silent', { model: 'quick' }, 'UPSTREAM_TIMEOUT', 1],
  ['a deadline', { model: 'sim/simulated-chat?latency=5000', timeoutMs: 300 }, 'DEADLINE_EXCEEDED', 1],
] as const;

describe.each(DOORS)('$door', ({ run }) => {
  for (const stream of [false, true]) {
    const mode = stream ? 'streamed' : 'in one piece';

    it(`answers ${mode}`, async () => {
      const ending = await run({ model: 'sim/simulated-chat', stream });
      expect(ending).toMatchObject({ reason: 'OK', attempts: 1 });
      expect(ending.text).toContain('Hello');
    });

    it.each(REFUSALS)(`tells %s by its reason, ${mode}`, async (_name, ask, reason, attempts) => {
      expect(await run({ ...ask, stream })).toEqual({ reason, text: '', attempts });
    });
  }

  it('tells a stream that breaks after its first words', async () => {
    const ending = await run({ model: 'sim/simulated-chat?fault=cut&after=4', stream: true });
    expect(ending.reason).toBe('STREAM_INTERRUPTED');
    expect(ending.text).not.toBe('');
  });

  it('leaves no call behind', async () => {
    await gateway.liveCalls.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
  });
});
