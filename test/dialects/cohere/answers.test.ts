import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingSchema } from '../../../gen/sluice/v1/embedding_service_pb.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { attemptError, refusal } from '../support/drive.ts';
import { door, embeddingDoor, embeddingProvider, provider, readAnswer } from './drive.ts';

const answerOf = (message: object, more: object = {}) =>
  JSON.stringify({ id: 'a', message, finish_reason: 'COMPLETE', ...more });

describe('an answer in one piece', () => {
  it('has thoughts, text and what nobody knows, in order', () => {
    const content = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'a' },
      { type: 'novel', x: 1 },
    ];
    expect(readAnswer(provider.decodeResponse(answerOf({ content }), {}).response).parts).toEqual([
      'reasoning hm',
      'text a',
      'raw',
    ]);
  });

  it('puts citations on the text that they are about, and tells those of plans beside it', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const citations = [
      { start: 0, end: 1, content_index: 1, sources: [{ id: 'd', document: { title: 't' } }] },
      { start: 0, end: 1, type: 'PLAN', sources: [] },
    ];
    const { response } = provider.decodeResponse(answerOf({ content, citations }), {});
    expect(response.choices[0]?.parts.map(({ kind }) => kind.value)).toMatchObject([
      { annotations: [] },
      { annotations: [{ kind: { value: { fileId: 'd', title: 't' } } }] },
    ]);
    expect(JSON.parse(response.providerExtrasJson['cohere'] ?? '')).toEqual({ citations: citations.slice(1) });
  });

  it.each([
    ['no JSON', '<html>', 'MALFORMED'],
    ['no message', '{}', 'MALFORMED'],
    ['an error with status 200', '{"message":"oh","id":"x"}', 'SERVER_ERROR'],
    ['a failure', answerOf({ content: [] }, { finish_reason: 'ERROR' }), 'SERVER_ERROR'],
    ['given up', answerOf({ content: [] }, { finish_reason: 'TIMEOUT' }), 'TIMEOUT'],
  ])('is refused where it is %s', (_, text, failure) => {
    expect(attemptError(() => provider.decodeResponse(text, {})).failure).toBe(failure);
  });

  it('is read leniently where a member has another type', () => {
    const odd = answerOf({ content: 'text', tool_calls: 1, citations: {} }, { usage: [], finish_reason: 'NOVEL' });
    expect(readAnswer(provider.decodeResponse(odd, {}).response)).toMatchObject({
      parts: ['text text'],
      finish: 'OTHER NOVEL',
    });
  });
});

describe('a failed answer', () => {
  it.each([
    [401, 'invalid api token', 'CREDENTIAL_REJECTED'],
    [498, 'blocked token', 'CREDENTIAL_REJECTED'],
    [429, 'You are using a Trial key, which is limited to 20 API calls / minute.', 'RATE_LIMITED'],
    [404, "model 'x' not found, make sure the correct model ID was used", 'MODEL_NOT_FOUND'],
    [
      400,
      'too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 200000.',
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    [400, 'invalid request: message must be at least 1 token long', 'INVALID_REQUEST'],
    [422, 'bad body', 'INVALID_REQUEST'],
    [503, 'overloaded', 'OVERLOADED'],
    [504, 'late', 'SERVER_ERROR'],
    [500, 'oh', 'SERVER_ERROR'],
  ])('%i "%s" is %s', (status, message, failure) => {
    const text = JSON.stringify({ id: 'x', message });
    const error = provider.decodeError({ status, headers: { 'retry-after': '2' }, text, receivedAtMs: 0 });
    expect([error.failure, error.providerMessage, error.retryAfterMs]).toEqual([failure, message, 2000]);
  });

  it('of ours says where', () => {
    const error = new SluiceError('INVALID_REQUEST', 'Invalid.', { param: 'messages' });
    expect(JSON.parse(door.encodeError(error))).toEqual({ message: 'messages: Invalid.' });
  });
});

const embedding = (init: object) => create(EmbeddingSchema, { model: 'm', ...init } as object);
const texts = (...values: string[]) => values.map((value) => ({ content: { case: 'text', value } }));
const target = { provider: 'co', model: 'embed-v4.0', quirks: {} };
const embed = (init: object, more: object = {}) => {
  const { body, path, warnings } = embeddingProvider.encodeRequest(embedding(init), { ...target, ...more });
  return { body: JSON.parse(JSON.stringify(body)), path, losses: warnings.map(({ field }) => field) };
};

describe('a request for vectors', () => {
  it('says what they are for, as the caller, the options or nobody does', () => {
    expect(embed({ inputs: texts('a', 'b'), dimensions: 256 })).toEqual({
      path: '/v2/embed',
      body: {
        model: 'embed-v4.0',
        texts: ['a', 'b'],
        input_type: 'search_document',
        embedding_types: ['float'],
        output_dimension: 256,
      },
      losses: ['embedding.input_type'],
    });
    expect(embed({ inputs: texts('a'), inputType: 'search_query' }).losses).toEqual([]);
    const asked = embed({
      inputs: texts('a'),
      endUserId: 'u',
      providerOptionsJson: { co: '{"input_type":"clustering","truncate":"END","texts":["x"]}' },
    });
    expect(asked.body).toMatchObject({ texts: ['a'], input_type: 'clustering', truncate: 'END' });
    expect(asked.losses).toEqual(['embedding.provider_options_json["co"].texts', 'embedding.end_user_id']);
  });

  it('goes on as it came where it is of this format', () => {
    const json = { model: 'r', images: ['data:'], input_type: 'image', embedding_types: ['int8'], novel: 1 };
    expect(embed({ inputs: texts('a') }, { wire: { dialect: 'cohere', json } }).body).toEqual({
      ...json,
      model: 'embed-v4.0',
    });
  });

  it('cannot be made of tokens', () => {
    const inputs = [{ content: { case: 'tokens', value: { ids: [1] } } }];
    expect(refusal(() => embed({ inputs })).param).toBe('embedding.inputs[0]');
  });

  it('is read by a door, as texts or as inputs', () => {
    const body = { model: 'm', input_type: 'search_query', embedding_types: ['base64'], output_dimension: 8 };
    const decoded = embeddingDoor.decodeRequest({ ...body, texts: ['a'] });
    expect(decoded).toMatchObject({ encoding: 'base64', embedding: { inputType: 'search_query', dimensions: 8 } });
    const entries = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const { embedding: joined } = embeddingDoor.decodeRequest({ ...body, inputs: [{ content: entries }] });
    expect(joined.inputs[0]?.content.value).toBe('a\nb');
    expect(refusal(() => embeddingDoor.decodeRequest(body)).param).toBe('texts');
    expect(
      refusal(() => embeddingDoor.decodeRequest({ ...body, inputs: [{ content: [{ type: 'image_url' }] }] })).param,
    ).toBe('inputs[0].content[0].type');
  });
});

describe('vectors', () => {
  const decode = (value: object) => embeddingProvider.decodeResponse(JSON.stringify(value), {}).response;
  const meta = { billed_units: { input_tokens: 10 } };

  it('are the most exact of those that came, and cost what was billed', () => {
    const response = decode({
      embeddings: {
        int8: [[1]],
        float: [
          [0.5, -0.25],
          [1, 0],
        ],
      },
      meta,
    });
    expect(response.vectors.map(({ index, values }) => [index, values])).toEqual([
      [0, [0.5, -0.25]],
      [1, [1, 0]],
    ]);
    expect(response.usage?.inputTokens).toBe(10);
    expect(decode({ embeddings: [[1]] }).usage).toBeUndefined();
  });

  it('that a door writes are read again, as numbers and as base64', () => {
    const vector = fc.array(
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('float', 'base64'),
        (values, encoding) => {
          const response = decode({ embeddings: { float: values }, meta });
          const text = embeddingDoor.encodeResponse({ response }, { encoding: encoding as 'float' | 'base64' });
          expect(embeddingProvider.decodeResponse(text, {}).response).toEqual(response);
        },
      ),
    );
  });

  it('go out as the text that they came in', () => {
    const text = '{"embeddings":{"float":[[1.0]]},"novel":1}';
    const answer = embeddingProvider.decodeResponse(text, {});
    expect(embeddingDoor.encodeResponse(answer, { encoding: 'float' })).toBe(text);
  });

  it.each([
    [{ id: 'x' }, 'MALFORMED'],
    [{ embeddings: {} }, 'EMPTY_RESPONSE'],
    [{ embeddings: { float: ['?'] } }, 'MALFORMED'],
    [{ embeddings: { float: [['1']] } }, 'MALFORMED'],
    [{ message: 'oh' }, 'SERVER_ERROR'],
  ])('are refused where they are none: %j', (value, failure) => {
    expect(attemptError(() => decode(value)).failure).toBe(failure);
  });
});
