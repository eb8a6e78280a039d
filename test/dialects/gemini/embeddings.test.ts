import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { EmbeddingSchema, EmbedResponseSchema } from '../../../gen/sluice/v1/embedding_service_pb.ts';
import {
  geminiBatchEmbedDoor as batchDoor,
  geminiEmbedDoor as door,
  geminiEmbeddingProvider as provider,
} from '../../../server/dialects/gemini/index.ts';
import { attemptError, fieldsOf, refusal, target } from './drive.ts';

const inputs = (...texts: string[]) => texts.map((value) => ({ content: { case: 'text' as const, value } }));
const encode = (init: object, more: object = {}) =>
  provider.encodeRequest(create(EmbeddingSchema, { model: 'm', ...init }), target('models/e', more));

describe('a request for vectors', () => {
  it('of one input is embedContent, of several a batch', () => {
    const one = encode({ inputs: inputs('a'), dimensions: 9, inputType: 'search_query' });
    expect(one.path).toBe('/models/e:embedContent');
    expect(JSON.parse(JSON.stringify(one.body))).toEqual({
      content: { parts: [{ text: 'a' }] },
      taskType: 'RETRIEVAL_QUERY',
      outputDimensionality: 9,
    });
    const two = encode({
      inputs: inputs('a', 'b'),
      inputType: 'clustering',
      providerOptionsJson: { gemini: '{"title":"T"}' },
    });
    expect(two.path).toBe('/models/e:batchEmbedContents');
    expect(JSON.parse(JSON.stringify(two.body))).toEqual({
      requests: ['a', 'b'].map((text) => ({
        model: 'models/e',
        content: { parts: [{ text }] },
        taskType: 'CLUSTERING',
        title: 'T',
      })),
    });
  });

  it('says what is lost, and refuses tokens, which no text stands for', () => {
    expect(fieldsOf(encode({ inputs: inputs('a'), endUserId: 'u' }))).toEqual(['embedding.end_user_id']);
    const tokens = [{ content: { case: 'tokens', value: { ids: [1] } } }];
    expect(refusal(() => encode({ inputs: tokens }))).toMatchObject({
      reason: 'UNSUPPORTED_PARAMETER',
      param: 'embedding.inputs[0]',
    });
  });

  it('within the format goes on as it is, but for the model', () => {
    const single = {
      model: 'models/mine',
      content: { parts: [{ text: 'a' }] },
      task_type: 'FACT_VERIFICATION',
      new_one: 1,
    };
    const decoded = door.decodeRequest(single, { model: 'mine' });
    expect(decoded.embedding).toMatchObject({ model: 'mine', inputType: 'fact_verification' });
    const { model: _, ...rest } = single;
    expect(provider.encodeRequest(decoded.embedding, target('e', { wire: decoded.wire })).body).toEqual(rest);
    const batch = { requests: [single] };
    const many = batchDoor.decodeRequest(batch, { model: 'mine' });
    const sent = provider.encodeRequest(many.embedding, target('e', { wire: many.wire }));
    expect(sent).toMatchObject({
      path: '/models/e:batchEmbedContents',
      body: { requests: [{ ...rest, model: 'models/e' }] },
    });
  });

  it.each([
    [{}, 'content'],
    [{ content: { parts: [] } }, 'content.parts'],
    [{ content: { parts: [{ inlineData: {} }] } }, 'content.parts[0].text'],
    [{ content: { parts: [{ text: 'a' }] }, outputDimensionality: 0 }, 'outputDimensionality'],
  ])('is refused with the path of what is wrong: %j', (body, param) => {
    expect(refusal(() => door.decodeRequest(body as never, { model: 'm' })).param).toBe(param);
  });

  it('whose inputs want different vectors is refused', () => {
    const request = (outputDimensionality: number) => ({ content: { parts: [{ text: 'a' }] }, outputDimensionality });
    const ask = (...requests: object[]) => batchDoor.decodeRequest({ requests } as never, { model: 'm' });
    expect(ask(request(1), request(1)).embedding.dimensions).toBe(1);
    expect(refusal(() => ask(request(1), request(2))).param).toBe('requests[1].outputDimensionality');
    expect(refusal(() => ask()).param).toBe('requests');
  });
});

describe('vectors', () => {
  it('are read from both answers, and go out as the text that they came in', () => {
    const single = '{"embedding":{"values":[0.5,-1]},"usageMetadata":{"promptTokenCount":3}}';
    const one = provider.decodeResponse(single, {});
    expect(one.response).toMatchObject({ vectors: [{ index: 0, values: [0.5, -1] }], usage: { inputTokens: 3 } });
    expect(door.encodeResponse(one, { encoding: 'float' })).toBe(single);
    const batch = '{"embeddings":[{"values":[1]},{"values":[2]}]}';
    const two = provider.decodeResponse(batch, {});
    expect(two.response).toMatchObject({
      vectors: [
        { index: 0, values: [1] },
        { index: 1, values: [2] },
      ],
    });
    expect(two.response.usage).toBeUndefined();
    expect(batchDoor.encodeResponse(two, { encoding: 'float' })).toBe(batch);
  });

  it('of the other method, or of other formats, are written in the form that was asked for', () => {
    const one = provider.decodeResponse('{"embedding":{"values":[1]}}', {});
    expect(JSON.parse(batchDoor.encodeResponse(one, { encoding: 'float' }))).toEqual({ embeddings: [{ values: [1] }] });
    const response = create(EmbedResponseSchema, {
      vectors: [{ index: 0, values: [0.25] }],
      usage: { inputTokens: 2 },
    });
    expect(JSON.parse(door.encodeResponse({ response }, { encoding: 'float' }))).toEqual({
      embedding: { values: [0.25] },
      usageMetadata: { promptTokenCount: 2 },
    });
  });

  it.each([
    ['{}', 'EMPTY_RESPONSE'],
    ['{"embeddings":[]}', 'EMPTY_RESPONSE'],
    ['{"embedding":{"values":["x"]}}', 'MALFORMED'],
    ['[]', 'MALFORMED'],
    ['{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota"}}', 'RATE_LIMITED'],
  ])('that are none are a failure: %s', (text, failure) => {
    expect(attemptError(() => provider.decodeResponse(text, {})).failure).toBe(failure);
  });
});
