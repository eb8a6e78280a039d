import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { openAiChatProvider } from '../../server/dialects/openai-chat/index.ts';
import { chatBody, startConfiguredGateway } from '../support/configured-gateway.ts';
import { sse } from '../support/sse.ts';
import { readAll, serveHttp } from '../upstream/loopback.ts';

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

/** A server that answers as Azure does, and what it was asked. */
async function startAzure(answer: (response: ServerResponse) => void, fields = '') {
  const seen: Seen[] = [];
  const server = await serveHttp(async (request, response) => {
    const body = JSON.parse((await readAll(request)).toString('utf8'));
    seen.push({ url: request.url ?? '', headers: request.headers, body });
    answer(response);
  });
  const gateway = await startConfiguredGateway({
    providers: `  - {name: az, preset: azure, base_url: "http://127.0.0.1:${server.port}", allow_private_address: true, credential: "env:AZ"${fields}}`,
    env: { AZ: 'azure-key' },
  });
  return { gateway, seen };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

const SAFE = { hate: { filtered: false, severity: 'safe' }, violence: { filtered: false, severity: 'safe' } };

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_748_977_994,
  model: 'gpt-4o-2024-08-06',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi', refusal: null },
      finish_reason: 'stop',
      logprobs: null,
      content_filter_results: SAFE,
    },
  ],
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};

const VECTORS = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
  model: 'e',
  usage: { prompt_tokens: 1, total_tokens: 1 },
};

/** A stream as Azure sends it: what the filter says of the prompt comes first, without a choice, an id or a model. */
const CHUNKS = [
  { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: ANSWER.prompt_filter_results },
  chunk({ content_filter_results: {}, delta: { content: '', refusal: null, role: 'assistant' }, finish_reason: null }),
  chunk({ content_filter_results: SAFE, delta: { content: 'Hi' }, finish_reason: null }),
  // The asynchronous filter speaks without a delta.
  chunk({
    content_filter_results: SAFE,
    content_filter_offsets: { check_offset: 1, start_offset: 1, end_offset: 2 },
    finish_reason: null,
  }),
  chunk({ content_filter_results: {}, delta: {}, finish_reason: 'stop' }),
  { ...chunk({}), choices: [], usage: ANSWER.usage },
];

function chunk(choice: object) {
  const { id, created, model } = ANSWER;
  return {
    choices: [{ index: 0, logprobs: null, ...choice }],
    created,
    id,
    model,
    object: 'chat.completion.chunk',
    system_fingerprint: 'fp',
  };
}

const STREAM = [...CHUNKS.map((each) => JSON.stringify(each)), '[DONE]'];

const stream = (response: ServerResponse) =>
  response
    .writeHead(200, { 'content-type': 'text/event-stream' })
    .end(STREAM.map((data) => `data: ${data}\n\n`).join(''));

describe('Azure OpenAI is called', () => {
  test('at /openai/v1 without a version, with the deployment as the model', async () => {
    const { gateway, seen } = await startAzure(json(200, ANSWER));
    const response = await gateway.post('/v1/chat/completions', chatBody('az/my-gpt'));
    expect(await response.json()).toEqual(ANSWER);
    expect(seen[0]).toMatchObject({ url: '/openai/v1/chat/completions', body: { model: 'my-gpt' } });
    expect(seen[0]?.headers).toMatchObject({ 'api-key': 'azure-key' });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test('by deployment where api_version is set', async () => {
    const { gateway, seen } = await startAzure(json(200, ANSWER), ', api_version: "2024-10-21"');
    await gateway.post('/v1/chat/completions', chatBody('az/my-gpt'));
    expect(seen[0]?.url).toBe('/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21');
  });

  test('for embeddings too, in both ways', async () => {
    const body = { model: 'az/my-embeddings', input: 'x' };
    const plain = await startAzure(json(200, VECTORS));
    expect((await plain.gateway.post('/v1/embeddings', body)).status).toBe(200);
    const versioned = await startAzure(json(200, VECTORS), ', api_version: "2024-10-21"');
    expect((await versioned.gateway.post('/v1/embeddings', body)).status).toBe(200);
    expect([plain.seen[0]?.url, versioned.seen[0]?.url]).toEqual([
      '/openai/v1/embeddings',
      '/openai/deployments/my-embeddings/embeddings?api-version=2024-10-21',
    ]);
  });

  test('at no other address than the deployment’s, whatever its name', async () => {
    const { gateway, seen } = await startAzure(json(200, ANSWER), ', api_version: "2024-10-21"');
    for (const model of ['../../x', 'a/b?c#d', 'ü %2e', '{model}']) {
      await gateway.post('/v1/chat/completions', chatBody(`az/${model}`));
      const path = `/openai/deployments/${encodeURIComponent(model)}/chat/completions?api-version=2024-10-21`;
      expect(seen.at(-1)?.url).toBe(path);
    }
    for (const model of ['.', '..']) {
      const response = await gateway.post('/v1/chat/completions', chatBody(`az/${model}`));
      expect([response.status, response.headers.get('x-sluice-reason')]).toEqual([404, 'MODEL_NOT_FOUND']);
    }
    expect(seen).toHaveLength(4);
  });
});

describe('what Azure adds', () => {
  test('to a stream reaches the caller, frame by frame', async () => {
    const { gateway } = await startAzure(stream);
    const body = chatBody('az/my-gpt', { stream: true, stream_options: { include_usage: true } });
    const response = await gateway.post('/v1/chat/completions', body);
    expect(sse(await response.text())).toEqual(STREAM);
  });

  test('to a stream leaves id, model, text, end and usage as they are', () => {
    const decoder = openAiChatProvider.createStreamDecoder({});
    const events = [...STREAM.map((data) => decoder.push({ event: '', data })), decoder.end()].flatMap(
      (step) => step.events,
    );
    const start = events.find((event) => event.case === 'start');
    expect(start?.value).toMatchObject({ id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06' });
    expect(events.filter((event) => event.case === 'start')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ case: 'finish', value: { usage: { inputTokens: 3, outputTokens: 1 } } });
  });
});

const FILTERED = {
  error: {
    message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { ...SAFE, violence: { filtered: true, severity: 'medium' } },
    },
  },
};

describe('what Azure refuses', () => {
  test.each([
    ['a filtered prompt', 400, FILTERED, 'CONTENT_FILTERED'],
    [
      'a deployment that is not there',
      404,
      { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
      'MODEL_NOT_FOUND',
    ],
    [
      'a wrong key',
      401,
      { error: { code: '401', message: 'Access denied due to invalid subscription key or wrong API endpoint.' } },
      'UPSTREAM_CREDENTIAL_REJECTED',
    ],
    [
      'a prompt that is too long',
      400,
      {
        error: {
          message: 'Too long.',
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        },
      },
      'CONTEXT_LENGTH_EXCEEDED',
    ],
  ])('%s is told as such', async (_, status, body, reason) => {
    const { gateway, seen } = await startAzure(json(status, body));
    const response = await gateway.post('/v1/chat/completions', chatBody('az/my-gpt'));
    expect(response.headers.get('x-sluice-reason')).toBe(reason);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(seen).toHaveLength(1);
  });

  test('for a rate is tried again after the milliseconds that it names', async () => {
    const limited = {
      error: { code: '429', message: 'Requests have exceeded call rate limit. Please retry after 7 seconds.' },
    };
    let calls = 0;
    const { gateway, seen } = await startAzure((response) => {
      calls += 1;
      if (calls > 1) json(200, ANSWER)(response);
      else json(429, limited, { 'retry-after': '7', 'retry-after-ms': '20' })(response);
    });
    const begin = performance.now();
    expect((await gateway.post('/v1/chat/completions', chatBody('az/my-gpt'))).status).toBe(200);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(seen).toHaveLength(2);
  });

  test('in an answer that the filter cut ends with that reason', async () => {
    const [choice] = ANSWER.choices;
    const cut = {
      ...ANSWER,
      choices: [{ ...choice, message: { role: 'assistant' }, finish_reason: 'content_filter' }],
    };
    const { gateway } = await startAzure(json(200, cut));
    const response = await gateway.post('/v1/chat/completions', chatBody('az/my-gpt'));
    expect(await response.json()).toEqual(cut);
  });
});
