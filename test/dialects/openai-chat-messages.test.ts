import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { CacheTtl, type MessageSchema, Role } from '../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../server/core/json.ts';
import type { WireQuirks } from '../../server/core/wire-quirks.ts';
import { door, provider } from './support/codecs.ts';

type Messages = MessageInitShape<typeof MessageSchema>[];

const text = (value: string) => ({ kind: { case: 'text' as const, value: { text: value } } });
const call = (id: string, name = 'f', more: object = {}) => ({
  kind: {
    case: 'toolCall' as const,
    value: { id, name, input: { case: 'argumentsJson' as const, value: '{}' }, ...more },
  },
});
const result = (callId: string, more: object = {}) => ({
  kind: { case: 'toolResult' as const, value: { callId, parts: [text('r')], ...more } },
});
const NAME_OF_CODE = new Map<WarningCode, string>(
  Object.entries(WarningCode).map(([name, code]): [WarningCode, string] => [code, name]),
);
const telling = ({ code, field }: { readonly code: WarningCode; readonly field: string }) =>
  `${NAME_OF_CODE.get(code)} ${field}`;
const encode = (messages: Messages, quirks: WireQuirks = {}) => {
  const generation = create(GenerationSchema, { model: 'm', messages });
  const { body, warnings } = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks, stream: false });
  return {
    messages: body.messages as JsonObject[],
    told: warnings.map(telling),
  };
};
const callsOf = (message: JsonObject | undefined) => (message?.tool_calls ?? []) as JsonObject[];
const relay = (messages: object[], quirks: WireQuirks) => {
  const { generation, wire } = door.decodeRequest({ model: 'm', messages } as never);
  const { body, warnings } = provider.encodeRequest(generation, {
    provider: 'p',
    model: 'm',
    quirks,
    stream: false,
    wire,
  });
  return { messages: body.messages, told: warnings.map(telling) };
};

describe('ids of calls', () => {
  const long = 'x'.repeat(53);
  const turns: Messages = [
    { role: Role.ASSISTANT, parts: [call(long)] },
    { role: Role.TOOL, parts: [result(long)] },
  ];
  it.each([
    [{}, /^[\s\S]{1,40}$/],
    [{ toolCallIds: 'nine-alphanumerics' as const }, /^[a-zA-Z0-9]{9}$/],
  ])('fit the provider %j, in calls and results alike', (quirks, pattern) => {
    const [asked, answered] = encode(turns, quirks).messages;
    const id = callsOf(asked)[0]?.id;
    expect(id).toMatch(pattern);
    expect(answered?.tool_call_id).toBe(id);
  });

  it.each([
    ['x'.repeat(40), {}],
    ['aZ3bY4cX5', { toolCallIds: 'nine-alphanumerics' as const }],
  ])('%s fits %j and stays', (id, quirks) => {
    const [asked, answered] = encode(
      [
        { role: Role.ASSISTANT, parts: [call(id)] },
        { role: Role.TOOL, parts: [result(id)] },
      ],
      quirks,
    ).messages;
    expect([callsOf(asked)[0]?.id, answered?.tool_call_id]).toEqual([id, id]);
  });

  it("are fitted in a caller's own body only where the provider has a rule", () => {
    const asked = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    };
    const body = [asked, { role: 'tool', tool_call_id: 'call_1', content: 'r' }];
    expect(relay(body, {}).messages).toEqual(body);
    const fitted = relay(body, { toolCallIds: 'nine-alphanumerics' }).messages as JsonObject[];
    expect(fitted[1]?.tool_call_id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(callsOf(fitted[0])[0]?.id).toBe(fitted[1]?.tool_call_id);
  });

  it('that are missing come of the position, and results find their call by name or order', () => {
    const { messages, told } = encode([
      { role: Role.ASSISTANT, parts: [call('', 'f'), call('', 'g')] },
      {
        role: Role.TOOL,
        parts: [result('', { name: 'g', parts: [text('of g')] }), result('', { parts: [text('of f')] })],
      },
    ]);
    expect(messages.map((message) => message.tool_call_id)).toEqual([undefined, 'call_0_0', 'call_0_1']);
    expect(messages.map((message) => message.content)).toEqual([null, 'of f', 'of g']);
    expect(told).toEqual([]);
  });
});

describe('what servers of the format refuse is mended and told', () => {
  it('a turn of which nothing is left', () => {
    const { messages, told } = encode([
      { role: Role.USER, parts: [text('a')] },
      { role: Role.ASSISTANT, parts: [] },
      { role: Role.ASSISTANT, parts: [{ kind: { case: 'reasoning', value: { text: 'r' } } }] },
    ]);
    expect(messages).toEqual([{ role: 'user', content: 'a' }]);
    expect(told).toEqual([
      'DROPPED generation.messages[1]',
      'DROPPED generation.messages[2].parts[0].reasoning',
      'DROPPED generation.messages[2]',
    ]);
  });

  it('a result without its call: its words are the user’s', () => {
    const { messages, told } = encode([{ role: Role.USER, parts: [result('gone'), text('and?')] }]);
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of a tool:' },
          { type: 'text', text: 'r' },
          { type: 'text', text: 'and?' },
        ],
      },
    ]);
    expect(told).toEqual(['APPROXIMATED generation.messages[0].parts[0].tool_result']);
  });

  it('a call without its result: it gets one that says so', () => {
    const { messages, told } = encode([
      { role: Role.ASSISTANT, parts: [text('a'), call('c1')] },
      { role: Role.USER, parts: [text('b')] },
      { role: Role.ASSISTANT, parts: [call('c2')] },
    ]);
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'user', 'assistant', 'tool']);
    expect(messages[1]).toEqual({ role: 'tool', tool_call_id: 'c1', content: 'There is no result.' });
    expect(told).toEqual([
      'EMULATED generation.messages[0].parts[1].tool_call',
      'EMULATED generation.messages[2].parts[0].tool_call',
    ]);
  });

  it('a result that comes after other words goes before them', () => {
    const { messages } = encode([
      { role: Role.ASSISTANT, parts: [call('c1')] },
      { role: Role.USER, parts: [text('b')] },
      { role: Role.TOOL, parts: [result('c1')] },
    ]);
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'user']);
  });

  it('a conversation of which nothing is left is still one', () => {
    expect(encode([{ role: Role.ASSISTANT, parts: [] }]).messages).toEqual([{ role: 'user', content: '' }]);
  });

  it('the same id in several turns ties each result to its own turn', () => {
    const turn: Messages = [
      { role: Role.ASSISTANT, parts: [call('call_0_0')] },
      { role: Role.TOOL, parts: [result('call_0_0')] },
    ];
    expect(encode([...turn, ...turn]).told).toEqual([]);
    expect(encode([...turn, ...turn]).messages).toHaveLength(4);
  });
});

describe('the order that a provider wants', () => {
  const users = [
    { role: 'system', content: 's' },
    { role: 'user', content: 'a' },
    { role: 'user', content: [{ type: 'text', text: 'b' }] },
    { role: 'assistant', content: 'c' },
    { role: 'assistant', content: 'd' },
  ];
  it('turns: neighbours of one role become one message', () => {
    const { messages, told } = relay(users, { turns: 'alternate' });
    expect(messages).toEqual([
      { role: 'system', content: 's' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: 'c\n\nd' },
    ]);
    expect(told).toEqual(['APPROXIMATED messages[2]', 'APPROXIMATED messages[4]']);
    expect(relay(users, {}).messages).toEqual(users);
  });

  it('no user right after a tool', () => {
    const { messages, told } = encode(
      [
        { role: Role.ASSISTANT, parts: [call('c1')] },
        { role: Role.USER, parts: [result('c1'), text('b')] },
      ],
      { turns: 'assistant-after-tools' },
    );
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant', 'user']);
    expect(told).toEqual(['EMULATED messages[2]']);
  });
});

describe('members of messages that a provider refuses', () => {
  it('are left out by name; those that say nothing without a word', () => {
    const message = {
      role: 'assistant',
      content: 'a',
      refusal: null,
      annotations: [],
      reasoning_content: 'r',
      tool_calls: [
        { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { google: {} } },
      ],
    };
    const quirks = { dropMessageFields: ['refusal', 'annotations', 'reasoning_content', 'extra_content'] };
    const { messages, told } = relay([message], quirks);
    expect(messages).toEqual([
      {
        role: 'assistant',
        content: 'a',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ]);
    expect(told).toEqual(['DROPPED messages[0].reasoning_content', 'DROPPED messages[0].tool_calls[0].extra_content']);
  });
});

describe('marks for prompt caching', () => {
  const turns: Messages = [
    { role: Role.USER, parts: [{ ...text('a'), cacheControl: { ttl: CacheTtl.CACHE_TTL_1H } }] },
  ];
  it('go along where the provider takes them, and are told where not', () => {
    expect(encode(turns, { cacheControl: true })).toEqual({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      ],
      told: [],
    });
    expect(encode(turns)).toEqual({
      messages: [{ role: 'user', content: 'a' }],
      told: ['DROPPED generation.messages[0].parts[0].cache_control'],
    });
  });
});

describe('nothing is lost without a word', () => {
  it.each([
    ['text.annotations', { ...text('a'), kind: { case: 'text' as const, value: { text: 'a', annotations: [{}] } } }],
    ['item_id', { ...text('a'), itemId: 'msg_1', origin: 'openai-responses' }],
    ['signature', { ...text('a'), signature: 's', origin: 'gemini' }],
    ['tool_call', call('c', 'f', { providerExecuted: true })],
    ['tool_result', result('c', { providerExecuted: true })],
    ['raw', { kind: { case: 'raw' as const, value: { dialect: 'gemini', json: '{}' } } }],
  ])('%s', (field, part) => {
    const { told } = encode([{ role: Role.ASSISTANT, parts: [text('x'), part] }]);
    expect(told).toEqual([`DROPPED generation.messages[0].parts[1].${field}`]);
  });

  it('kinds of calls and results, failed tools, and words beside a result', () => {
    const { told, messages } = encode([
      { role: Role.ASSISTANT, parts: [call('c', 'f', { type: 'computer' })] },
      { role: Role.TOOL, parts: [result('c', { type: 'computer', isError: true }), text('w')] },
    ]);
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'user']);
    expect(told).toEqual([
      'DROPPED generation.messages[0].parts[0].tool_call.type',
      'DROPPED generation.messages[1].parts[0].tool_result.type',
      'DROPPED generation.messages[1].parts[0].tool_result.is_error',
      'APPROXIMATED generation.messages[1].role',
    ]);
  });
});
