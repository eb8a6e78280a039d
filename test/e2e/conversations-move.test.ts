import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatResponseSchema, ChatService, FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { CacheTtl, type Part, Role } from '../../gen/sluice/v1/content_pb.ts';
import { ReasoningEffort } from '../../gen/sluice/v1/generation_pb.ts';
import type { ChatDialectName } from '../../server/dialects/dialect.ts';
import { chatDoorCodec } from '../../server/dialects/registry.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { readResponse } from '../translation/reading.ts';
import { ANSWERS } from '../translation/recorded.ts';
import { COMPLAINTS } from '../translation/rules.ts';

// A conversation that one provider began, with its thoughts and calls of tools, goes on at another.

const MODELS = {
  'anthropic-messages': 'claude-sonnet-4-5',
  gemini: 'gemini-3-pro-preview',
  'openai-responses': 'gpt-5',
  'openai-chat': 'gpt-5',
  'bedrock-converse': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  cohere: 'command-a-reasoning-08-2025',
} as const satisfies Partial<Record<ChatDialectName, string>>;
type Moving = keyof typeof MODELS;
const DIALECTS = Object.keys(MODELS) as Moving[];

const THOUGHT = 'First I look.';
const SIGNATURE = 'c2lnbmF0dXJlLTQzMjE';
const RESULT = '21 degrees at station 4321';

/** What a model answers that thinks first, speaks, and calls a tool twice, in the words of each format. */
const THOUGHTFUL: Readonly<Record<Moving, object>> = {
  'anthropic-messages': {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      { type: 'thinking', thinking: THOUGHT, signature: SIGNATURE },
      { type: 'text', text: 'Let me see.' },
      ...['Ulm', 'Bonn'].map((city, at) => ({ type: 'tool_use', id: `toolu_${at}`, name: 'weather', input: { city } })),
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 5, output_tokens: 9 },
  },
  gemini: {
    candidates: [
      {
        index: 0,
        finishReason: 'STOP',
        content: {
          role: 'model',
          parts: [
            { text: THOUGHT, thought: true },
            { functionCall: { name: 'weather', args: { city: 'Ulm' } }, thoughtSignature: SIGNATURE },
            { functionCall: { name: 'weather', args: { city: 'Bonn' } } },
          ],
        },
      },
    ],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 9 },
  },
  'openai-responses': {
    id: 'resp_1',
    object: 'response',
    model: 'm',
    status: 'completed',
    output: [
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: THOUGHT }],
        encrypted_content: SIGNATURE,
      },
      ...['Ulm', 'Bonn'].map((city, at) => ({
        type: 'function_call',
        id: `fc_${at}`,
        call_id: `call_${at}`,
        name: 'weather',
        arguments: JSON.stringify({ city }),
      })),
    ],
    usage: { input_tokens: 5, output_tokens: 9 },
  },
  'openai-chat': {
    id: 'c',
    model: 'm',
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: null,
          reasoning_content: THOUGHT,
          tool_calls: ['Ulm', 'Bonn'].map((city, at) => ({
            id: `functions.weather:${at}${'x'.repeat(19)}`,
            type: 'function',
            function: { name: 'weather', arguments: JSON.stringify({ city }) },
          })),
        },
      },
    ],
  },
  'bedrock-converse': {
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: THOUGHT, signature: SIGNATURE } } },
          ...['Ulm', 'Bonn'].map((city, at) => ({
            toolUse: { toolUseId: `tooluse_${at}`, name: 'weather', input: { city } },
          })),
        ],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 5, outputTokens: 9 },
  },
  cohere: {
    id: 'c',
    finish_reason: 'TOOL_CALL',
    message: {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: THOUGHT }],
      tool_calls: ['Ulm', 'Bonn'].map((city, at) => ({
        id: `weather_${at}`,
        type: 'function',
        function: { name: 'weather', arguments: JSON.stringify({ city }) },
      })),
    },
  },
};

interface Begun {
  readonly from: Moving;
  readonly name: string;
  readonly text: string;
}

const BEGUN: readonly Begun[] = DIALECTS.flatMap((from) => [
  { from, name: `${from}: thoughts and two calls`, text: JSON.stringify(THOUGHTFUL[from]) },
  ...ANSWERS.filter(({ dialect, response }) => dialect === from && readResponse(response).calls.length > 0).map(
    ({ name, text }) => ({ from, name, text }),
  ),
]);

const PLAIN = create(ChatResponseSchema, {
  id: 'r',
  model: 'm',
  choices: [{ finishReason: FinishReason.STOP, parts: [{ kind: { case: 'text', value: { text: 'Warm.' } } }] }],
});

/** What a provider was asked. */
// biome-ignore lint/suspicious/noExplicitAny: a body as it came
type Body = any;

let server: Server;
let gateway: TestGateway;
/** What is answered next; without it, in plain words. */
let next: string | undefined;
let asked: Body;

beforeAll(async () => {
  server = createServer((request, response) => {
    const dialect = request.url?.split('/')[1] as Moving;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      response.setHeader('content-type', 'application/json');
      response.end(next ?? chatDoorCodec(dialect).encodeResponse({ response: PLAIN }));
      next = undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  gateway = await openGateway({
    providers: () =>
      DIALECTS.map(
        (dialect) =>
          `  - {name: ${dialect}, dialect: ${dialect}, base_url: "http://127.0.0.1:${port}/${dialect}", allow_private_address: true${dialect === 'bedrock-converse' ? ', auth_scheme: NONE' : ''}}\n`,
      ).join(''),
  });
});
afterAll(async () => {
  await gateway.close();
  server.closeAllConnections();
  server.close();
});

const nameOf = (dialect: Moving): string => `${dialect}/${MODELS[dialect]}`;

/** How the second turn ended: what the provider was asked, and what was lost on the way to it. */
interface Moved {
  readonly body: Body;
  readonly warnings: readonly string[];
}

async function post(path: string, body: object): Promise<{ json: Body; warnings: readonly string[] }> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  const told = response.headers.get('x-sluice-warnings') ?? '';
  return { json: JSON.parse(text), warnings: told === '' ? [] : decodeURI(told).split(', ') };
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

async function overOpenAi({ from, text }: Begun, to: Moving): Promise<Moved> {
  const rest = {
    tools: [{ type: 'function', function: { name: 'weather', parameters: SCHEMA } }],
    reasoning_effort: 'high',
  };
  const messages: object[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'How warm is it?' },
  ];
  next = text;
  const { json } = await post('/v1/chat/completions', { ...rest, model: nameOf(from), messages });
  const { message } = json.choices[0];
  const results = message.tool_calls.map(({ id }: Body) => ({ role: 'tool', tool_call_id: id, content: RESULT }));
  const { warnings } = await post('/v1/chat/completions', {
    ...rest,
    model: nameOf(to),
    messages: [...messages, message, ...results],
  });
  return { body: asked, warnings };
}

async function overAnthropic({ from, text }: Begun, to: Moving): Promise<Moved> {
  const cache_control = { type: 'ephemeral', ttl: '1h' };
  const rest = {
    max_tokens: 9000,
    system: [{ type: 'text', text: 'Be brief.', cache_control }],
    tools: [{ name: 'weather', input_schema: SCHEMA }],
    thinking: { type: 'enabled', budget_tokens: 2000 },
  };
  const messages: object[] = [{ role: 'user', content: 'How warm is it?' }];
  next = text;
  const { json } = await post('/v1/messages', { ...rest, model: nameOf(from), messages });
  const results = json.content
    .filter(({ type }: Body) => type === 'tool_use')
    .map(({ id }: Body) => ({ type: 'tool_result', tool_use_id: id, content: RESULT, cache_control }));
  const { warnings } = await post('/v1/messages', {
    ...rest,
    model: nameOf(to),
    messages: [...messages, { role: 'assistant', content: json.content }, { role: 'user', content: results }],
  });
  return { body: asked, warnings };
}

async function overResponses({ from, text }: Begun, to: Moving): Promise<Moved> {
  const rest = {
    instructions: 'Be brief.',
    tools: [{ type: 'function', name: 'weather', parameters: SCHEMA, strict: false }],
    reasoning: { effort: 'high' },
    store: false,
  };
  const input: object[] = [{ role: 'user', content: 'How warm is it?' }];
  next = text;
  const { json } = await post('/v1/responses', { ...rest, model: nameOf(from), input });
  const results = json.output
    .filter(({ type }: Body) => type === 'function_call')
    .map(({ call_id }: Body) => ({ type: 'function_call_output', call_id, output: RESULT }));
  const { warnings } = await post('/v1/responses', {
    ...rest,
    model: nameOf(to),
    input: [...input, ...json.output, ...results],
  });
  return { body: asked, warnings };
}

async function overRpc({ from, text }: Begun, to: Moving): Promise<Moved> {
  const transport = createConnectTransport({ baseUrl: gateway.url, httpVersion: '1.1' });
  const client = createClient(ChatService, transport);
  const headers = { authorization: `Bearer ${TEST_KEY}` };
  const say = (value: string) => ({ kind: { case: 'text' as const, value: { text: value } } });
  const rest = {
    tools: [
      { kind: { case: 'function' as const, value: { name: 'weather', parametersJsonSchema: JSON.stringify(SCHEMA) } } },
    ],
    reasoning: { effort: ReasoningEffort.HIGH },
  };
  const cacheControl = { ttl: CacheTtl.CACHE_TTL_1H };
  const messages = [
    { role: Role.SYSTEM, parts: [say('Be brief.')] },
    { role: Role.USER, parts: [{ ...say('How warm is it?'), cacheControl }] },
  ];
  next = text;
  const first = await client.chat({ generation: { ...rest, model: nameOf(from), messages } }, { headers });
  const parts: Part[] = first.choices[0]?.parts ?? [];
  const results = parts.flatMap(({ kind }) =>
    kind.case === 'toolCall' && !kind.value.providerExecuted
      ? [{ kind: { case: 'toolResult' as const, value: { callId: kind.value.id, parts: [say(RESULT)] } } }]
      : [],
  );
  const turns = [
    { role: Role.ASSISTANT, parts },
    { role: Role.TOOL, parts: results },
  ];
  const second = await client.chat(
    { generation: { ...rest, model: nameOf(to), messages: [...messages, ...turns] } },
    { headers },
  );
  return { body: asked, warnings: second.decision?.warnings.map(({ field }) => field) ?? [] };
}

/** Doors whose callers ask for prompt caching. */
const MARKING: ReadonlySet<string> = new Set(['the Anthropic door', 'RPC']);

const DOORS = [
  { door: 'the OpenAI door', move: overOpenAi },
  { door: 'the Anthropic door', move: overAnthropic },
  { door: 'the Responses door', move: overResponses },
  { door: 'RPC', move: overRpc },
];

describe.each(DOORS)('through $door', ({ door, move }) => {
  describe.each(BEGUN)('a conversation begun as $name', (begun) => {
    it.each(DIALECTS)('goes on at %s: nothing is sent that it refuses, and what is lost is told', async (to) => {
      const { body, warnings } = await move(begun, to);
      expect(COMPLAINTS[to](body, MODELS[to])).toEqual([]);
      const sent = JSON.stringify(body);
      expect(sent).toContain(RESULT);
      if (begun.text.includes(THOUGHT) && !sent.includes(THOUGHT)) {
        expect(warnings.join()).toMatch(/messages(?:\[\d+\])?(?:\.parts\[0\])?(?:\.reasoning)?/);
      }
      if (MARKING.has(door) && !/"ttl":"1h"/.test(sent)) expect(warnings.join()).toContain('cache_control');
      expect(gateway.ledger.openCalls.size).toBe(0);
    });
  });

  const proven = DIALECTS.filter((dialect) => JSON.stringify(THOUGHTFUL[dialect]).includes(SIGNATURE));
  it.each(proven)('a conversation that stays at %s keeps the proof of its thoughts', async (dialect) => {
    const { body } = await move({ from: dialect, name: '', text: JSON.stringify(THOUGHTFUL[dialect]) }, dialect);
    expect(COMPLAINTS[dialect](body, MODELS[dialect])).toEqual([]);
    expect(JSON.stringify(body)).toContain(SIGNATURE);
  });
});

it('what a door cannot show of an answer is told in its headers, and refused by nobody', async () => {
  const parts = [{ executableCode: { language: 'PYTHON', code: '1+1' } }, { text: 'Two.' }];
  next = JSON.stringify({ candidates: [{ content: { parts, role: 'model' }, finishReason: 'LANGUAGE' }] });
  const { json, warnings } = await post('/v1/chat/completions', {
    model: nameOf('gemini'),
    messages: [{ role: 'user', content: 'How much is 1+1?' }],
  });
  expect(json.choices[0]).toMatchObject({ message: { content: 'Two.' }, native_finish_reason: 'LANGUAGE' });
  expect(warnings).toEqual(['DROPPED choices[0].parts[0].raw', 'APPROXIMATED choices[0].finish_reason']);
});
