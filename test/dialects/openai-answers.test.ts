import { describe, expect, it } from 'vitest';
import { readRetryAfter } from '../../server/core/retry-after.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { door, embeddingDoor, embeddingProvider, provider } from './support/codecs.ts';
import { attemptError, DONE, decodeAll, delta, encodeAll, eventsOf, refusal } from './support/drive.ts';
import { cassettes, FIXTURES_NOTE, hasFixtures, hasOpenApi, OPENAPI_NOTE, voyage } from './support/recordings.ts';
import { validatorOf } from './support/schema.ts';

const failure = (status: number, body: unknown) =>
  provider.decodeError({
    status,
    headers: {},
    text: typeof body === 'string' ? body : JSON.stringify(body),
    receivedAtMs: 0,
  });
const said = (code: string, message = 'm', type = '') => ({ error: { message, type, code } });

describe('failures are classified', () => {
  it.each([
    [401, said(''), 'CREDENTIAL_REJECTED'],
    [402, said(''), 'CREDENTIAL_REJECTED'],
    [403, said(''), 'CREDENTIAL_REJECTED'],
    [429, said('insufficient_quota'), 'CREDENTIAL_REJECTED'],
    [429, said('rate_limit_exceeded'), 'RATE_LIMITED'],
    [429, said('', 'too many tokens, context window'), 'RATE_LIMITED'],
    [429, said('', 'm', 'engine_overloaded_error'), 'OVERLOADED'],
    [503, 'x', 'OVERLOADED'],
    [529, 'x', 'OVERLOADED'],
    [500, 'x', 'SERVER_ERROR'],
    [502, '<html>', 'SERVER_ERROR'],
    [408, 'x', 'TIMEOUT'],
    [404, '', 'MODEL_NOT_FOUND'],
    [404, said('model_not_found'), 'MODEL_NOT_FOUND'],
    [404, said('', 'The model `x` does not exist.'), 'MODEL_NOT_FOUND'],
    [404, said('', 'Invalid URL (POST /v1/x)'), 'INVALID_REQUEST'],
    [400, said('model_not_found'), 'MODEL_NOT_FOUND'],
    [400, said('context_length_exceeded'), 'CONTEXT_LENGTH_EXCEEDED'],
    [400, said('', "This model's maximum context length is 4096 tokens."), 'CONTEXT_LENGTH_EXCEEDED'],
    [400, said('', "This model's maximum prompt length is 131072 but"), 'CONTEXT_LENGTH_EXCEEDED'],
    [400, { error: { code: 400, message: 'm', type: 'exceed_context_size_error' } }, 'CONTEXT_LENGTH_EXCEEDED'],
    [400, said('content_filter'), 'CONTENT_FILTERED'],
    [400, said('content_policy_violation'), 'CONTENT_FILTERED'],
    [400, said(''), 'INVALID_REQUEST'],
    [413, said(''), 'INVALID_REQUEST'],
    [422, { detail: 'x' }, 'INVALID_REQUEST'],
    [409, said(''), 'INVALID_REQUEST'],
  ])('%i %j is %s', (status, body, wanted) => expect(failure(status, body).failure).toBe(wanted));

  it.each([
    [{ error: { message: 'm' } }, 'm'],
    [{ error: 'm' }, 'm'],
    [{ message: 'm' }, 'm'],
    [{ detail: 'm' }, 'm'],
    [[{ error: { message: 'm' } }], 'm'],
    [{ detail: [{ loc: ['body', 'n'], msg: 'bad' }] }, 'body.n: bad'],
    ['<html><style>x{}</style><h1>Bad  Gateway</h1></html>', 'Bad Gateway'],
  ])('the words of %j are found', (body, words) => expect(failure(400, body).providerMessage).toBe(words));

  it('words are capped and hold no key', () => {
    expect(failure(400, { message: 'a'.repeat(9000) }).providerMessage).toHaveLength(2000);
    expect(failure(400, { message: 'bad key sk-proj-abcdefgh12345678' }).providerMessage).not.toContain('abcdefgh');
  });
});

describe('how long to wait', () => {
  const NOW = Date.UTC(2026, 0, 1);
  it.each([
    [429, { 'retry-after': '2' }, 2000],
    [429, { 'retry-after': '0.5' }, 500],
    [429, { 'retry-after-ms': '12', 'retry-after': '9' }, 12],
    [429, { 'x-ms-retry-after-ms': '7' }, 7],
    [503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5000],
    [503, { 'retry-after': 'Thu, 01 Jan 2025 00:00:05 GMT' }, 0],
    [429, { 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    [429, { 'x-ratelimit-reset-requests': '20ms', 'x-ratelimit-reset-tokens': '1s' }, 1000],
    [500, { 'x-ratelimit-reset-requests': '1s' }, undefined],
    [429, { 'retry-after': '-1' }, undefined],
    [429, { 'retry-after': 'soon' }, undefined],
    [429, { 'retry-after': 'abc 1' }, undefined],
    [429, {}, undefined],
  ])('%i %j', (status, headers, wanted) =>
    expect(readRetryAfter({ status, headers: headers as Record<string, string>, receivedAtMs: NOW })).toBe(wanted),
  );
});

describe('answers in one piece', () => {
  it.each([
    ['x', 'MALFORMED'],
    ['[]', 'MALFORMED'],
    ['{}', 'MALFORMED'],
    ['{"choices":[{}]}', 'MALFORMED'],
    ['{"choices":[]}', 'EMPTY_RESPONSE'],
    ['{"error":{"message":"m","code":429}}', 'RATE_LIMITED'],
    ['{"error":"m"}', 'SERVER_ERROR'],
  ])('%s is %s', (text, wanted) => expect(attemptError(() => provider.decodeResponse(text, {})).failure).toBe(wanted));

  it('all details of usage are read; reasoning beside the output is added only where the provider counts so', () => {
    const text = JSON.stringify({
      choices: [{ message: { content: 'a' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 9,
        completion_tokens: 1,
        prompt_cache_hit_tokens: 4,
        prompt_tokens_details: { audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
    });
    expect(provider.decodeResponse(text, {}).response.usage).toMatchObject({
      inputTokens: 9,
      outputTokens: 1,
      cacheReadTokens: 4,
      inputAudioTokens: 0,
      reasoningTokens: 5,
    });
    expect(provider.decodeResponse(text, { reasoningBesideOutput: true }).response.usage?.outputTokens).toBe(6);
  });
});

describe.skipIf(!hasOpenApi)(`what is built keeps to OpenAI's own schema${OPENAPI_NOTE}`, () => {
  const answer = JSON.stringify({
    id: 'a',
    created: 5,
    model: 'm',
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        logprobs: { content: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }] },
        message: {
          content: 'a',
          reasoning_content: 'r',
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
          annotations: [
            { type: 'url_citation', url_citation: { url: 'https://x', title: 't', start_index: 0, end_index: 1 } },
          ],
        },
      },
    ],
  });
  const valid = (schema: string, value: unknown) => {
    const check = validatorOf(schema);
    expect(check(value) ? [] : check.errors).toEqual([]);
  };
  it('answers', () =>
    valid(
      'CreateChatCompletionResponse',
      JSON.parse(door.encodeResponse({ response: provider.decodeResponse(answer, {}).response })),
    ));
  it('chunks', () => {
    const chunks = [
      delta({ content: 'a' }),
      delta({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] }),
      delta({}, 'tool_calls', { usage: { prompt_tokens: 1, completion_tokens: 1 } }),
      DONE,
    ];
    const sent = encodeAll(
      eventsOf(decodeAll(chunks)).map((event) => ({ events: [event] })),
      true,
    ).slice(0, -1);
    expect(sent.length).toBeGreaterThan(3);
    for (const text of sent) valid('CreateChatCompletionStreamResponse', JSON.parse(text));
  });
  it('errors', () => valid('ErrorResponse', JSON.parse(door.encodeError(new SluiceError('INVALID_REQUEST', 'm')))));
  it('the check can fail', () => expect(validatorOf('CreateChatCompletionResponse')({ id: 1 })).toBe(false));
  it('embeddings', () => {
    const { response } = embeddingProvider.decodeResponse(
      '{"model":"m","data":[{"embedding":[1,2]}],"usage":{"prompt_tokens":1}}',
      {},
    );
    valid('CreateEmbeddingResponse', JSON.parse(embeddingDoor.encodeResponse({ response }, { encoding: 'float' })));
  });
});

describe('embeddings', () => {
  it.each([
    ['a', [{ case: 'text', value: 'a' }]],
    [
      ['a', 'b'],
      [
        { case: 'text', value: 'a' },
        { case: 'text', value: 'b' },
      ],
    ],
    [[1, 2], [{ case: 'tokens', value: { ids: [1, 2] } }]],
    [
      [[1], [2]],
      [
        { case: 'tokens', value: { ids: [1] } },
        { case: 'tokens', value: { ids: [2] } },
      ],
    ],
  ])('input %j is read and written alike', (input, wanted) => {
    const { embedding } = embeddingDoor.decodeRequest({ model: 'm', input });
    expect(embedding.inputs.map(({ content }) => content)).toMatchObject(wanted);
    expect(embeddingProvider.encodeRequest(embedding, { provider: 'p', model: 'm', quirks: {} }).body.input).toEqual(
      input,
    );
  });

  it.each([
    [{ input: 'a' }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: [] }, 'input'],
    [{ model: 'm', input: ['a', 1] }, 'input[1]'],
    [{ model: 'm', input: [1, 'a'] }, 'input[1]'],
    [{ model: 'm', input: [-1] }, 'input[0]'],
    [{ model: 'm', input: [[]] }, 'input[0]'],
    [{ model: 'm', input: 'a', dimensions: -1 }, 'dimensions'],
    [{ model: 'm', input: 'a', encoding_format: 'int' }, 'encoding_format'],
  ])('%j is refused', (body, param) =>
    expect(refusal(() => embeddingDoor.decodeRequest(body as never)).param).toBe(param),
  );

  it('the caller gets the encoding asked for, and unknown members', () => {
    const text =
      '{"object":"list","vendor":1,"data":[{"object":"embedding","index":0,"embedding":[0.5,-2],"text":null}],"model":"m"}';
    const answer = embeddingProvider.decodeResponse(text, {});
    expect(embeddingDoor.encodeResponse(answer, { encoding: 'float' })).toBe(text);
    const other = embeddingDoor.encodeResponse(answer, { encoding: 'base64' });
    expect(JSON.parse(other)).toMatchObject({ vendor: 1, data: [{ embedding: 'AAAAPwAAAMA=', text: null }] });
    expect([...(embeddingProvider.decodeResponse(other, {}).response.vectors[0]?.values ?? [])]).toEqual([0.5, -2]);
  });

  it.each([
    ['{}', 'MALFORMED'],
    ['{"data":[]}', 'EMPTY_RESPONSE'],
    ['{"data":[{"embedding":"AAA="}]}', 'MALFORMED'],
    ['{"data":[{"embedding":["a"]}]}', 'MALFORMED'],
  ])('%s is %s', (text, wanted) =>
    expect(attemptError(() => embeddingProvider.decodeResponse(text, {})).failure).toBe(wanted),
  );

  it('encoding_format is left out where only floats are made', () => {
    const { embedding, wire } = embeddingDoor.decodeRequest({
      model: 'm',
      input: 'a',
      encoding_format: 'base64',
      x: 1,
    });
    const target = { provider: 'p', model: 't', wire };
    expect(
      embeddingProvider.encodeRequest(embedding, { ...target, quirks: { floatEmbeddingsOnly: true } }).body,
    ).toEqual({ model: 't', input: 'a', x: 1 });
    expect(embeddingProvider.encodeRequest(embedding, { ...target, quirks: {} }).body.encoding_format).toBe('base64');
  });
});

describe.skipIf(!hasFixtures)(`recorded embeddings${FIXTURES_NOTE}`, () => {
  const good = cassettes.filter(({ name, status }) => name.startsWith('embeddings-') && status === 200);
  it.each([...good.map(({ name, response }) => ({ name, text: response })), ...voyage])(
    '$name is decoded whole',
    ({ text }) => {
      const json = JSON.parse(text);
      const { response } = embeddingProvider.decodeResponse(text, {});
      expect(response.vectors).toHaveLength(json.data.length);
      expect(response.usage?.inputTokens).toBe(json.usage.total_tokens);
      expect(response.vectors.every(({ values }) => values.length > 0 && values.every(Number.isFinite))).toBe(true);
    },
  );
});
