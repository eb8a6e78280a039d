import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { sse } from '../support/sse.ts';

// What Claude Code sends, as seen on the wire, against providers of every format: none of it may be refused.

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) => `
  - {name: claude, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}
  - {name: responses, dialect: openai-responses, base_url: "${url}/v1", allow_private_address: true}
  - {name: google, dialect: gemini, base_url: "${url}/v1beta", allow_private_address: true}
  - {name: aws, dialect: bedrock-converse, base_url: "${url}", allow_private_address: true, auth_scheme: NONE}
  - {name: cohere, dialect: cohere, base_url: "${url}", allow_private_address: true}
`,
  });
});
afterAll(() => gateway.close());

const HEADERS = {
  accept: 'application/json',
  'content-type': 'application/json',
  'user-agent': 'claude-cli/2.1.0 (external, cli)',
  'x-app': 'cli',
  'x-stainless-arch': 'x64',
  'x-stainless-helper-method': 'stream',
  'x-stainless-lang': 'js',
  'x-stainless-retry-count': '0',
  'x-stainless-timeout': '600',
  'anthropic-dangerous-direct-browser-access': 'true',
  'anthropic-version': '2023-06-01',
  'anthropic-beta':
    'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05,advanced-tool-use-2025-11-20,effort-2025-11-24',
  authorization: `Bearer ${TEST_KEY}`,
};

const EPHEMERAL = { type: 'ephemeral' } as const;

const TOOLS = [
  {
    name: 'Bash',
    description: 'Executes a given bash command.',
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        command: { description: 'The command to execute', type: 'string' },
        timeout: { description: 'Optional timeout in milliseconds (max 600000)', type: 'number' },
        run_in_background: { type: 'boolean' },
      },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    name: 'TodoWrite',
    description: 'Keeps a list of what is to be done.',
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        todos: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              content: { type: 'string', minLength: 1 },
              status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
            },
            required: ['content', 'status'],
            additionalProperties: false,
          },
        },
      },
      required: ['todos'],
      additionalProperties: false,
    },
    strict: true,
    eager_input_streaming: true,
  },
  {
    name: 'mcp__github__search_issues',
    description: 'Searches issues.',
    input_schema: { type: 'object', properties: {} },
    defer_loading: true,
    cache_control: EPHEMERAL,
  },
];

/** A conversation some turns in: thoughts, a tool that was called and has answered, marks of caches everywhere. */
const CONVERSATION = {
  max_tokens: 32_000,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.0; cc_entrypoint=cli;' },
    { type: 'text', text: "You are Claude Code, Anthropic's official CLI for Claude.", cache_control: EPHEMERAL },
    { type: 'text', text: 'You help with software.', cache_control: { ...EPHEMERAL, ttl: '1h', scope: 'global' } },
  ],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>\nToday is Tuesday.\n</system-reminder>' },
        { type: 'text', text: 'List the files', cache_control: EPHEMERAL },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'I should list them.', signature: 'EqQBCkYIBhgCKkBa' },
        { type: 'redacted_thinking', data: 'EmwKAhgBEgyW' },
        { type: 'text', text: 'I list them.' },
        {
          type: 'tool_use',
          id: 'toolu_01A09q90qw90lq917835lq9',
          name: 'Bash',
          input: { command: 'ls' },
          caller: { type: 'direct' },
        },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_01A09q90qw90lq917835lq9',
          is_error: false,
          content: [{ type: 'text', text: 'README.md' }],
          cache_control: EPHEMERAL,
        },
        { type: 'text', text: '[Request interrupted by user]' },
      ],
    },
    { role: 'user', content: 'And now?' },
  ],
  tools: TOOLS,
  metadata: { user_id: 'user_0123_account__session_89ab' },
  thinking: { type: 'enabled', budget_tokens: 31_999 },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  output_config: { effort: 'high' },
  temperature: 1,
};

const SEARCHING = {
  ...CONVERSATION,
  thinking: { type: 'adaptive' },
  tools: [
    { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 8 },
    ...TOOLS,
  ],
};

const post = (path: string, body: object, headers: object = {}) =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { ...HEADERS, ...headers },
    body: JSON.stringify(body),
  });

const MODELS = ['sim', 'claude', 'responses', 'google', 'aws', 'cohere'].map((name) => `${name}/simulated-chat`);

/** What a stream of Anthropic's must be for its SDK to read it: blocks open and close one after the other. */
function eventsOf(text: string) {
  const events = sse(text).map((event) => JSON.parse(event));
  expect(events.at(0)?.type).toBe('message_start');
  expect(events.at(-1)?.type).toBe('message_stop');
  const open = new Set<number>();
  for (const { type, index } of events) {
    if (type === 'content_block_start') open.add(index);
    if (type === 'content_block_delta') expect(open.has(index)).toBe(true);
    if (type === 'content_block_stop') expect(open.delete(index)).toBe(true);
  }
  expect(open.size).toBe(0);
  return events;
}

describe.each(MODELS)('Claude Code asks %s', (model) => {
  it.each([
    ['a conversation with thoughts and tools', CONVERSATION],
    ['one that searches for tools', SEARCHING],
  ])('%s, streamed', async (_name, body) => {
    const response = await post('/v1/messages?beta=true', { ...body, model, stream: true });
    const text = await response.text();
    expect([response.status, response.status === 200 ? '' : text]).toEqual([200, '']);
    const stop = eventsOf(text).find(({ type }) => type === 'message_delta')?.delta.stop_reason;
    expect(stop).toMatch(/^(end_turn|tool_use|max_tokens)$/);
  });

  it('in one piece, as for a title', async () => {
    const response = await post('/v1/messages?beta=true', {
      model,
      max_tokens: 512,
      system: [{ type: 'text', text: 'Write a title of at most six words.' }],
      messages: [
        { role: 'user', content: 'List the files' },
        { role: 'assistant', content: '{' },
      ],
      metadata: CONVERSATION.metadata,
      temperature: 0,
    });
    expect([response.status, await response.json()]).toMatchObject([200, { type: 'message', role: 'assistant' }]);
  });

  it('to use a tool, and hears of the call', async () => {
    const response = await post('/v1/messages?beta=true', {
      ...CONVERSATION,
      thinking: { type: 'disabled' },
      model,
      stream: true,
      tool_choice: { type: 'tool', name: 'Bash', disable_parallel_tool_use: true },
    });
    const events = eventsOf(await response.text());
    const call = events.find(({ content_block }) => content_block?.type === 'tool_use');
    expect(call?.content_block).toMatchObject({ name: 'Bash', input: {}, id: expect.stringMatching(/^[\w-]+$/) });
    const input = events.filter(({ index }) => index === call?.index).map(({ delta }) => delta?.partial_json ?? '');
    expect(JSON.parse(input.join(''))).toHaveProperty('command');
    expect(events.find(({ type }) => type === 'message_delta')?.delta.stop_reason).toBe('tool_use');
  });

  it('how many tokens that is', async () => {
    const { max_tokens: _max, metadata: _metadata, temperature: _temperature, ...prompt } = CONVERSATION;
    const response = await post('/v1/messages/count_tokens?beta=true', { ...prompt, model });
    expect([response.status, await response.json()]).toMatchObject([200, { input_tokens: expect.any(Number) }]);
  });
});

describe('what a client of Anthropic’s asks besides', () => {
  it('whether somebody is there, without a body that a client would wait for', async () => {
    const response = await fetch(`${gateway.url}/`, { method: 'HEAD', headers: HEADERS });
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  it.each([
    ['no anthropic-version', { 'anthropic-version': '' }],
    ['one that nobody knows', { 'anthropic-version': '2099-01-01' }],
  ])('with %s', async (_name, headers) => {
    const body = { model: 'sim/simulated-chat', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };
    expect((await post('/v1/messages', body, headers)).status).toBe(200);
  });

  it('hears the request’s id in the header of its SDK and within errors', async () => {
    const answer = await post('/v1/messages', {
      model: 'sim/simulated-chat',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    await answer.text();
    for (const [body, headers] of [
      [{}, {}],
      [{ model: 'nobody/knows', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }, {}],
      [{}, { authorization: 'Bearer wrong' }],
    ] as const) {
      const refused = await post('/v1/messages', body, headers);
      const { request_id } = (await refused.json()) as { request_id: string };
      expect(request_id).toMatch(/^req_/);
      expect(refused.headers.get('request-id')).toBe(request_id);
    }
  });
});
