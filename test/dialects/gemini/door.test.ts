import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatResponseSchema, FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import { openAiChatProvider } from '../../../server/dialects/openai-chat/index.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { door, receive, refusal, said, target } from './drive.ts';

const contents = [{ parts: [{ text: 'Hi' }] }];

describe('requests', () => {
  it.each([
    [{}, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: [{ role: 'wizard', parts: [{ text: 'x' }] }] }, 'contents[0].role'],
    [{ contents: [{ parts: [] }] }, 'contents[0].parts'],
    [{ contents: [{ parts: [{ text: 1 }] }] }, 'contents[0].parts[0].text'],
    [{ contents: [{ parts: [{ inline_data: { data: '!' } }] }] }, 'contents[0].parts[0].inlineData.data'],
    [{ contents: [{ parts: [{ functionCall: {} }] }] }, 'contents[0].parts[0].functionCall.name'],
    [
      { contents: [{ parts: [{ functionResponse: { name: 'f', response: [] } }] }] },
      'contents[0].parts[0].functionResponse.response',
    ],
    [{ contents, generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
    [
      { contents, generation_config: { thinking_config: { thinking_budget: 1.5 } } },
      'generationConfig.thinkingConfig.thinkingBudget',
    ],
    [
      { contents, toolConfig: { functionCallingConfig: { mode: 'SOMETIMES' } } },
      'toolConfig.functionCallingConfig.mode',
    ],
    [{ contents, tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [{ contents, systemInstruction: 'Be kind' }, 'systemInstruction'],
  ])('are refused with the path of what is wrong: %j', (body, param) => {
    const error = refusal(() => receive(body as never));
    expect(error).toMatchObject({ reason: 'INVALID_REQUEST', param });
  });

  it('are refused without a model in the URL', () => {
    expect(refusal(() => door.decodeRequest({ contents })).param).toBe('model');
  });

  it('translate Schemas of Google’s own for other formats', () => {
    const schema = {
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', nullable: true, max_length: '9', example: 'x' },
        b: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1' },
        any_of: { any_of: [{ type: 'BOOLEAN' }] },
      },
      propertyOrdering: ['a'],
    };
    const { generation } = receive({
      contents,
      tools: [{ function_declarations: [{ name: 'f', parameters: schema }] }],
      generationConfig: { responseMimeType: 'application/json', responseSchema: { ...schema, title: 'my title' } },
    });
    const { body } = openAiChatProvider.encodeRequest(generation, target('gpt'));
    const parameters = {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], maxLength: 9, examples: ['x'] },
        b: { type: 'array', items: { type: 'integer' }, minItems: 1 },
        any_of: { anyOf: [{ type: 'boolean' }] },
      },
    };
    expect(body).toMatchObject({
      tools: [{ type: 'function', function: { name: 'f', parameters } }],
      response_format: { json_schema: { name: 'my_title', schema: { ...parameters, title: 'my title' } } },
    });
  });

  it('ask other formats for what they ask Google for', () => {
    const { generation } = receive({
      systemInstruction: { parts: [{ text: 'Be kind' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }, { inlineData: { mimeType: 'image/png', data: 'AQ==' } }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'eA==' }] },
        { role: 'function', parts: [{ functionResponse: { name: 'f', response: { output: 'Sunny' } } }] },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      generationConfig: { maxOutputTokens: 9, thinkingConfig: { thinkingLevel: 'low' } },
    });
    const { body } = openAiChatProvider.encodeRequest(generation, target('gpt'));
    const id = 'gcall_1_0';
    expect(body).toMatchObject({
      messages: [
        { role: 'system', content: 'Be kind' },
        { role: 'user', content: [{ type: 'text' }, { type: 'image_url' }] },
        { role: 'assistant', tool_calls: [{ id, function: { name: 'f', arguments: '{"a":1}' } }] },
        { role: 'tool', tool_call_id: id, content: 'Sunny' },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      max_completion_tokens: 9,
      reasoning_effort: 'low',
    });
  });

  it('cannot go on from cached content elsewhere, and say what else is left out', () => {
    const encode = (body: JsonObject) => {
      const { generation, wire } = receive(body);
      return openAiChatProvider.encodeRequest(generation, { ...target('gpt'), wire });
    };
    expect(refusal(() => encode({ contents, cachedContent: 'c' }))).toMatchObject({
      reason: 'UNSUPPORTED_PARAMETER',
      param: 'cachedContent',
    });
    const { warnings } = encode({ contents, safety_settings: [], generationConfig: { mediaResolution: 'LOW' } });
    expect(warnings.map(({ field }) => field)).toEqual(['safety_settings', 'generationConfig.mediaResolution']);
  });

  it('survive whatever they hold: a refusal, or a generation', () => {
    const member = fc.constantFrom(
      'contents',
      'parts',
      'text',
      'role',
      'functionCall',
      'function_response',
      'inlineData',
      'generationConfig',
      'tools',
      'functionDeclarations',
      'parameters',
      'response_schema',
      'properties',
      '__proto__',
      'constructor',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, true, 0, -1, 1e308, 'user', 'model', 'AQ==', ''),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.tuple(member, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    const body = fc.dictionary(member, value, { maxKeys: 4 });
    fc.assert(
      fc.property(body, (json) => {
        try {
          const { generation } = receive({ contents, ...json } as JsonObject);
          expect(generation.messages.length).toBeGreaterThan(0);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SluiceError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of great depth are read or refused, never thrown over', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 200_000; level += 1) deep = { properties: { a: deep } };
    const read = (body: object) => {
      try {
        return receive(body as never).generation.messages.length;
      } catch (thrown) {
        return (thrown as SluiceError).reason;
      }
    };
    const args = { contents: [{ parts: [{ functionCall: { name: 'f', args: deep } }] }] };
    expect([1, 'INVALID_REQUEST']).toContain(read(args));
    expect([1, 'INVALID_REQUEST']).toContain(read({ contents, tools: [{ googleSearch: deep }] }));
    const parameters = { functionDeclarations: [{ name: 'f', parameters: deep }] };
    expect(read({ contents, tools: [parameters] })).toBe('INVALID_REQUEST');
    expect(read({ contents, generationConfig: { responseSchema: deep } })).toBe('INVALID_REQUEST');
  });
});

describe('answers of other formats', () => {
  it('become candidates: words, thoughts, calls, sources, bytes, usage', () => {
    const response = create(ChatResponseSchema, {
      id: 'r',
      model: 'gpt',
      choices: [
        {
          parts: [
            { kind: { case: 'reasoning', value: { text: 'Hm' } }, signature: 's', origin: 'anthropic-messages' },
            {
              kind: {
                case: 'text',
                value: {
                  text: 'Héllo wörld',
                  annotations: [
                    {
                      kind: { case: 'urlCitation', value: { url: 'https://a.test', title: 'A' } },
                      startIndex: 6,
                      endIndex: 11,
                    },
                  ],
                },
              },
            },
            {
              kind: {
                case: 'toolCall',
                value: { id: 'c', name: 'f', input: { case: 'argumentsJson', value: '{"a":1}' } },
              },
            },
            { kind: { case: 'toolCall', value: { id: 'd', name: 'g', input: { case: 'text', value: 'free' } } } },
            { kind: { case: 'toolCall', value: { id: 'e', name: 'search', providerExecuted: true } } },
          ],
          finishReason: FinishReason.TOOL_CALLS,
        },
      ],
      usage: { inputTokens: 5, outputTokens: 9, reasoningTokens: 4, cacheReadTokens: 2 },
    });
    expect(JSON.parse(door.encodeResponse({ response }))).toEqual({
      candidates: [
        {
          content: {
            parts: [
              { text: 'Hm', thought: true },
              { text: 'Héllo wörld' },
              { functionCall: { id: 'c', name: 'f', args: { a: 1 } } },
              { functionCall: { id: 'd', name: 'g', args: { input: 'free' } } },
            ],
            role: 'model',
          },
          finishReason: 'STOP',
          index: 0,
          groundingMetadata: {
            groundingChunks: [{ web: { uri: 'https://a.test', title: 'A' } }],
            groundingSupports: [
              { segment: { partIndex: 1, startIndex: 7, endIndex: 13, text: 'wörld' }, groundingChunkIndices: [0] },
            ],
          },
        },
      ],
      usageMetadata: {
        promptTokenCount: 5,
        cachedContentTokenCount: 2,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 4,
        totalTokenCount: 14,
      },
      modelVersion: 'gpt',
      responseId: 'r',
    });
  });

  it.each([
    [FinishReason.STOP, 'STOP'],
    [FinishReason.LENGTH, 'MAX_TOKENS'],
    [FinishReason.CONTENT_FILTER, 'SAFETY'],
    [FinishReason.REFUSAL, 'SAFETY'],
    [FinishReason.OTHER, 'OTHER'],
    [FinishReason.UNSPECIFIED, undefined],
  ])('end for the reason %s as %s', (finishReason, word) => {
    const response = create(ChatResponseSchema, { choices: [{ parts: [said('x')], finishReason }] });
    expect(JSON.parse(door.encodeResponse({ response })).candidates[0].finishReason).toBe(word);
  });
});

describe('errors', () => {
  it('are a google.rpc.Status with reason, field and wait', () => {
    const error = new SluiceError('UPSTREAM_RATE_LIMITED', 'Later.', {
      retryAfterMs: 1500,
      metadata: { provider: 'p' },
      param: 'x',
    });
    expect(JSON.parse(door.encodeError(error))).toEqual({
      error: {
        code: 429,
        message: 'Later.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'UPSTREAM_RATE_LIMITED',
            domain: 'sluice.dev',
            metadata: { provider: 'p' },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'x', description: 'Later.' }],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
        ],
      },
    });
  });

  it('name system turns as they are', () => {
    const { generation } = receive({ system_instruction: { parts: [{ text: 'A' }] }, contents });
    expect(generation.messages.map(({ role }) => role)).toEqual([Role.SYSTEM, Role.USER]);
  });
});
