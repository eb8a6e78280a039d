import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { attemptError } from '../support/drive.ts';
import { door, finishWord, provider } from './drive.ts';

const answerOf = (content: object[], more: object = {}) =>
  JSON.stringify({ output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', ...more });
const partsOf = (...content: object[]) =>
  provider.decodeResponse(answerOf(content), {}).response.choices[0]?.parts ?? [];

describe('an answer in one piece', () => {
  it('that is JSON as the input of a tool is text, and is done', () => {
    const toolUse = { toolUseId: 'x', name: 'json', input: { city: 'Bonn', days: [1, 2] } };
    const { response } = provider.decodeResponse(answerOf([{ toolUse }], { stopReason: 'tool_use' }), {});
    const [choice] = response.choices;
    expect(choice?.parts[0]?.kind.value).toMatchObject({ text: '{"city":"Bonn","days":[1,2]}' });
    expect([finishWord(choice?.finishReason), choice?.rawFinishReason]).toEqual(['STOP', 'tool_use']);
  });

  it('keeps thoughts with their proof, and hidden ones', () => {
    expect(
      partsOf(
        { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
        { reasoningContent: { redactedContent: 'AAEC' } },
      ),
    ).toMatchObject([
      { signature: 's', origin: 'bedrock-converse', kind: { case: 'reasoning', value: { text: 'hm' } } },
      { origin: 'bedrock-converse', kind: { case: 'reasoning', value: { redactedData: 'AAEC' } } },
    ]);
  });

  it('keeps citations of pages of the web and of documents', () => {
    const citations = [
      { title: 't', location: { web: { url: 'https://a.b/', domain: 'a.b' } } },
      { title: 'd', location: { documentChar: { documentIndex: 1, start: 2, end: 3 } } },
      { novel: true },
    ];
    const [part] = partsOf({ citationsContent: { content: [{ text: 'ab' }, { text: 'c' }], citations } });
    expect(part?.kind.value).toMatchObject({
      text: 'abc',
      annotations: [
        { endIndex: 3, kind: { case: 'urlCitation', value: { url: 'https://a.b/', title: 't' } } },
        {
          endIndex: 3,
          kind: { case: 'documentCitation', value: { unit: 'char', documentIndex: 1, start: 2, end: 3 } },
        },
        { endIndex: 3, kind: { case: 'raw', value: { json: '{"novel":true}' } } },
      ],
    });
  });

  it('keeps pictures, calls without an id, and blocks that nobody knows', () => {
    expect(
      partsOf({ image: { format: 'png', source: { bytes: 'AAEC' } } }, { toolUse: { name: 'f' } }, { novel: 1 }),
    ).toMatchObject([
      { kind: { case: 'image', value: { source: { mediaType: 'image/png' } } } },
      { kind: { case: 'toolCall', value: { id: 'call_1', name: 'f', input: { value: '{}' } } } },
      { kind: { case: 'raw', value: { json: '{"novel":1}' } } },
    ]);
  });

  it('keeps its class of service, metrics, trace and the fields of the model', () => {
    const more = { serviceTier: { type: 'flex' }, metrics: { latencyMs: 3 }, trace: { guardrail: {} } };
    const { response } = provider.decodeResponse(answerOf([{ text: 'a' }], more), {});
    expect(response.serviceTier).toBe('flex');
    expect(JSON.parse(response.providerExtrasJson['bedrock-converse'] ?? '')).toEqual({
      metrics: { latencyMs: 3 },
      trace: { guardrail: {} },
    });
  });

  it.each([
    ['no JSON', '<html>', 'MALFORMED'],
    ['no message', '{"output":{}}', 'MALFORMED'],
    [
      'an operation that AWS does not know',
      '{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
      'SERVER_ERROR',
    ],
    ['an error with status 200', '{"message":"slow","__type":"ThrottlingException"}', 'RATE_LIMITED'],
    ['a picture that is no base64', answerOf([{ image: { source: { bytes: '?' } } }]), 'MALFORMED'],
  ])('is refused where it is %s', (_, text, failure) => {
    expect(attemptError(() => provider.decodeResponse(text, {})).failure).toBe(failure);
  });

  it('is read leniently where a member has another type', () => {
    const odd = answerOf([{ text: 7 }, { toolUse: [] }], { usage: 'many', stopReason: 3, metrics: null });
    const { response } = provider.decodeResponse(odd, {});
    expect(response.usage).toBeUndefined();
    expect(response.choices[0]?.parts.map(({ kind }) => kind.case)).toEqual(['raw', 'raw']);
  });
});

describe('a failed answer', () => {
  const failureOf = (status: number, message: string, headers: Record<string, string> = {}) =>
    provider.decodeError({ status, headers, text: JSON.stringify({ message }), receivedAtMs: 0 });
  const type = (name: string) => ({
    'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
  });

  it.each([
    [429, 'ThrottlingException', 'Too many tokens, please wait before trying again.', 'RATE_LIMITED'],
    [400, 'ThrottlingException', 'Rate exceeded', 'RATE_LIMITED'],
    [429, 'ModelNotReadyException', 'The model is being loaded', 'OVERLOADED'],
    [503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.', 'OVERLOADED'],
    [500, 'InternalServerException', 'oh', 'SERVER_ERROR'],
    [424, 'ModelErrorException', 'The model failed', 'SERVER_ERROR'],
    [408, 'ModelTimeoutException', 'late', 'TIMEOUT'],
    [
      403,
      'AccessDeniedException',
      "You don't have access to the model with the specified model ID.",
      'CREDENTIAL_REJECTED',
    ],
    [403, 'ExpiredTokenException', 'The security token included in the request is expired', 'CREDENTIAL_REJECTED'],
    [
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      'CREDENTIAL_REJECTED',
    ],
    [400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota', 'CREDENTIAL_REJECTED'],
    [404, 'ResourceNotFoundException', 'Could not find it', 'MODEL_NOT_FOUND'],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'MODEL_NOT_FOUND'],
    [
      400,
      'ValidationException',
      'Invocation of model ID anthropic.claude with on-demand throughput isn’t supported.',
      'MODEL_NOT_FOUND',
    ],
    [400, 'ValidationException', 'Input is too long for requested model.', 'CONTEXT_LENGTH_EXCEEDED'],
    [
      400,
      'ValidationException',
      'The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum',
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    [400, 'ValidationException', 'messages.0.content is empty', 'INVALID_REQUEST'],
  ])('%i %s "%s" is %s', (status, name, message, failure) => {
    const error = failureOf(status, message, type(name));
    expect([error.failure, error.status, error.providerMessage]).toEqual([failure, status, message]);
  });

  it('names its kind in the body where no header does', () => {
    const text = '{"__type":"com.amazon.coral#ThrottlingException","Message":"slow"}';
    expect(provider.decodeError({ status: 400, headers: {}, text, receivedAtMs: 0 }).failure).toBe('RATE_LIMITED');
  });

  it('tells how long to wait, and survives a page of HTML', () => {
    expect(failureOf(429, 'slow', { 'retry-after': '3' }).retryAfterMs).toBe(3000);
    const html = { status: 502, headers: {}, text: '<html><b>Bad gateway</b></html>', receivedAtMs: 0 };
    expect(provider.decodeError(html)).toMatchObject({ failure: 'SERVER_ERROR', providerMessage: 'Bad gateway' });
  });

  it('of ours has the words of this format', () => {
    const error = new SluiceError('INVALID_REQUEST', 'Invalid.', { param: 'messages[0]' });
    expect(JSON.parse(door.encodeError(error))).toEqual({
      __type: 'ValidationException',
      message: 'messages[0]: Invalid.',
    });
  });
});
