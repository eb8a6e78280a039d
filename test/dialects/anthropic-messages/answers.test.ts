import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ChatResponseSchema, FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { DecisionSchema } from '../../../gen/sluice/v1/decision_pb.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { attemptError } from '../support/drive.ts';
import { decodeAll, door, event, eventsOf, provider } from './drive.ts';

const answer = (content: readonly object[], more: object = {}) =>
  JSON.stringify({
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'x',
    content,
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
    ...more,
  });
const decode = (content: readonly object[], more?: object) =>
  provider.decodeResponse(answer(content, more), {}).response;
const rebuild = (content: readonly object[]) => JSON.parse(door.encodeResponse({ response: decode(content) })).content;

describe('blocks of answers', () => {
  it.each([
    ['thoughts', { type: 'thinking', thinking: 'hm', signature: 's' }],
    ['hidden thoughts', { type: 'thinking', thinking: '', signature: 's' }],
    ['encrypted thoughts', { type: 'redacted_thinking', data: 'abc' }],
    ['calls', { type: 'tool_use', id: 'i', name: 'n', input: { a: [1, { b: null }] } }],
    [
      'calls that code made',
      { type: 'tool_use', id: 'i', name: 'n', input: {}, caller: { type: 'code_execution_20260120', tool_id: 't' } },
    ],
    [
      'calls of tools that the provider runs',
      { type: 'server_tool_use', id: 'i', name: 'web_search', input: { q: 'x' } },
    ],
    ['calls of MCP servers', { type: 'mcp_tool_use', id: 'i', name: 'n', server_name: 'srv', input: {} }],
    [
      'what those answered',
      { type: 'mcp_tool_result', tool_use_id: 'i', is_error: true, content: [{ type: 'text', text: 'x' }] },
    ],
    [
      'results of searches',
      {
        type: 'web_search_tool_result',
        tool_use_id: 'i',
        content: [{ type: 'web_search_result', encrypted_content: 'e' }],
      },
    ],
    [
      'results of code',
      {
        type: 'bash_code_execution_tool_result',
        tool_use_id: 'i',
        content: { type: 'bash_code_execution_result', stdout: '1' },
      },
    ],
    ['blocks that nobody knows yet', { type: 'hologram', deep: { er: [1] } }],
  ])('%s survive the canonical form', (_, block) => {
    expect(rebuild([block])).toEqual([block]);
  });

  it.each([
    [
      {
        type: 'char_location',
        document_index: 1,
        document_title: 't',
        start_char_index: 2,
        end_char_index: 9,
        cited_text: 'c',
        file_id: null,
      },
      'documentCitation',
    ],
    [
      {
        type: 'page_location',
        document_index: 1,
        document_title: 't',
        start_page_number: 2,
        end_page_number: 3,
        cited_text: 'c',
        file_id: 'f',
      },
      'documentCitation',
    ],
    [
      {
        type: 'content_block_location',
        document_index: 0,
        document_title: null,
        start_block_index: 0,
        end_block_index: 1,
        cited_text: 'c',
        file_id: null,
      },
      'documentCitation',
    ],
    [
      {
        type: 'search_result_location',
        search_result_index: 0,
        source: 's',
        title: 't',
        cited_text: 'c',
        start_block_index: 0,
        end_block_index: 1,
      },
      'raw',
    ],
    [
      { type: 'web_search_result_location', url: 'https://a.test', title: 't', cited_text: 'c', encrypted_index: '' },
      'urlCitation',
    ],
  ])('the citation %j is one of the contract', (citation, kind) => {
    const block = { type: 'text', text: 'word', citations: [citation] };
    const [part] = decode([block]).choices[0]?.parts ?? [];
    const [annotation] = part?.kind.case === 'text' ? part.kind.value.annotations : [];
    expect(annotation).toMatchObject({ kind: { case: kind }, startIndex: 0, endIndex: 4 });
    expect(rebuild([block])).toEqual([block]);
  });

  it.each([
    ['end_turn', FinishReason.STOP],
    ['stop_sequence', FinishReason.STOP],
    ['max_tokens', FinishReason.LENGTH],
    ['model_context_window_exceeded', FinishReason.LENGTH],
    ['tool_use', FinishReason.TOOL_CALLS],
    ['pause_turn', FinishReason.PAUSE],
    ['refusal', FinishReason.REFUSAL],
    ['moon_phase', FinishReason.OTHER],
  ])('the stop reason %s is kept, and known for what it is', (word, reason) => {
    const response = decode([], { stop_reason: word });
    expect(response.choices[0]).toMatchObject({ finishReason: reason, rawFinishReason: word });
    const sent = JSON.parse(door.encodeResponse({ response })).stop_reason;
    expect(sent).toBe(word === 'moon_phase' ? 'max_tokens' : word);
  });
});

describe('an answer that is the input of a tool', () => {
  const block = { type: 'tool_use', id: 'i', name: 'sluice_json', input: { city: 'Rome' } };

  it('is text, and has ended by itself', () => {
    const [choice] = decode([block], { stop_reason: 'tool_use' }).choices;
    expect(choice?.finishReason).toBe(FinishReason.STOP);
    expect(choice?.parts[0]?.kind).toMatchObject({ case: 'text', value: { text: '{"city":"Rome"}' } });
  });

  it('is text in a stream too, piece by piece', () => {
    const events = eventsOf(
      decodeAll([
        event({ type: 'message_start', message: { id: 'm' } }),
        event({ type: 'content_block_start', index: 0, content_block: { ...block, input: {} } }),
        ...['{"city":', '"Rome"}'].map((partial_json) =>
          event({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json } }),
        ),
        event({ type: 'content_block_stop', index: 0 }),
        event({ type: 'message_delta', delta: { stop_reason: 'tool_use' } }),
        event({ type: 'message_stop' }),
      ]),
    );
    const texts = events.flatMap((one) =>
      one.case === 'partDelta' && one.value.delta.case === 'text' ? [one.value.delta.value] : [],
    );
    expect(texts.join('')).toBe('{"city":"Rome"}');
    expect(events.at(-1)).toMatchObject({ value: { choices: [{ reason: FinishReason.STOP }] } });
  });

  it("is a call beside calls of the caller's own tools", () => {
    const own = { type: 'tool_use', id: 'j', name: 'f', input: {} };
    expect(decode([block, own], { stop_reason: 'tool_use' }).choices[0]?.finishReason).toBe(FinishReason.TOOL_CALLS);
  });
});

describe('errors', () => {
  const fail = (status: number, type: string, message: string, headers: Record<string, string> = {}) =>
    provider.decodeError({
      status,
      headers,
      receivedAtMs: Date.UTC(2026, 0, 1),
      text: JSON.stringify({ type: 'error', error: { type, message } }),
    });

  it.each([
    [400, 'invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum', 'CONTEXT_LENGTH_EXCEEDED'],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API.',
      'CREDENTIAL_REJECTED',
    ],
    [400, 'invalid_request_error', 'Output blocked by content filtering policy', 'CONTENT_FILTERED'],
    [400, 'invalid_request_error', 'messages: roles must alternate', 'INVALID_REQUEST'],
    [401, 'authentication_error', 'invalid x-api-key', 'CREDENTIAL_REJECTED'],
    [402, 'billing_error', 'm', 'CREDENTIAL_REJECTED'],
    [403, 'permission_error', 'm', 'CREDENTIAL_REJECTED'],
    [404, 'not_found_error', 'model: claude-9', 'MODEL_NOT_FOUND'],
    [413, 'request_too_large', 'm', 'INVALID_REQUEST'],
    [429, 'rate_limit_error', 'm', 'RATE_LIMITED'],
    [500, 'api_error', 'm', 'SERVER_ERROR'],
    [504, 'timeout_error', 'm', 'SERVER_ERROR'],
    [529, 'overloaded_error', 'Overloaded', 'OVERLOADED'],
  ])('%i %s (%s) is %s', (status, type, message, failure) => {
    expect(fail(status, type, message).failure).toBe(failure);
  });

  it('the wait is that of Retry-After, else until the limits that are used up are full again', () => {
    const limits = {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:05Z',
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:09.5Z',
      'anthropic-ratelimit-input-tokens-remaining': '7',
      'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:01:00Z',
    };
    expect(fail(429, 'rate_limit_error', 'm', limits).retryAfterMs).toBe(9500);
    expect(fail(429, 'rate_limit_error', 'm', { ...limits, 'retry-after': '3' }).retryAfterMs).toBe(3000);
    expect(fail(429, 'rate_limit_error', 'm').retryAfterMs).toBeUndefined();
    expect(fail(400, 'invalid_request_error', 'm', limits).retryAfterMs).toBeUndefined();
  });

  it('an error with a status of success is one', () => {
    const text = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    expect(attemptError(() => provider.decodeResponse(text, {})).failure).toBe('OVERLOADED');
  });

  it.each(['', '{', '[]', '{}', '{"content":"x"}', '{"completion":"old"}'])('%j is MALFORMED', (text) => {
    expect(attemptError(() => provider.decodeResponse(text, {})).failure).toBe('MALFORMED');
  });

  it.each([
    ['INVALID_REQUEST', 'invalid_request_error'],
    ['UNAUTHENTICATED', 'authentication_error'],
    ['PERMISSION_DENIED', 'permission_error'],
    ['MODEL_NOT_FOUND', 'not_found_error'],
    ['REQUEST_TOO_LARGE', 'request_too_large'],
    ['UPSTREAM_RATE_LIMITED', 'rate_limit_error'],
    ['UPSTREAM_OVERLOADED', 'overloaded_error'],
    ['UPSTREAM_TIMEOUT', 'timeout_error'],
    ['INTERNAL', 'api_error'],
    ['UPSTREAM_UNAVAILABLE', 'api_error'],
  ] as const)('%s goes out as %s', (reason, type) => {
    const error = new SluiceError(reason, 'words', { param: 'tools[0]' });
    error.decision = create(DecisionSchema, { requestId: 'req_1' });
    expect(JSON.parse(door.encodeError(error))).toEqual({
      type: 'error',
      error: { type, message: 'tools[0]: words' },
      request_id: 'req_1',
    });
  });
});

describe('what stands beside the content', () => {
  it('goes with the answer through the canonical form', () => {
    const extras = { container: { id: 'c', expires_at: 't' }, context_management: { applied_edits: [] } };
    const response = decode([], {
      ...extras,
      usage: { input_tokens: 1, output_tokens: 2, service_tier: 'priority', inference_geo: 'eu' },
    });
    expect(response.serviceTier).toBe('priority');
    const body = JSON.parse(door.encodeResponse({ response }));
    expect(body).toMatchObject({ ...extras, usage: { service_tier: 'priority', inference_geo: 'eu' } });
  });

  it('numbers stand where SDKs calculate with them, even if nothing is known', () => {
    const body = JSON.parse(door.encodeResponse({ response: create(ChatResponseSchema, { choices: [{}] }) }));
    expect(body).toMatchObject({
      type: 'message',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  it('a count of tokens is read, relayed and written', () => {
    const counted = provider.tokenCount?.decodeResponse('{"input_tokens": 12,"x":1}');
    expect(counted?.inputTokens).toBe(12);
    expect(counted && door.tokenCount?.encodeResponse(counted)).toBe('{"input_tokens": 12,"x":1}');
    expect(door.tokenCount?.encodeResponse({ inputTokens: 5 })).toBe('{"input_tokens":5}');
    expect(attemptError(() => provider.tokenCount?.decodeResponse('{}')).failure).toBe('MALFORMED');
  });
});
