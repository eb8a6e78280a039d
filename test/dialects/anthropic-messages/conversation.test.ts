import { describe, expect, it } from 'vitest';
import { CacheTtl, Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import { call, encode, hello, type Init, message, result, say, tools } from './build-request.ts';

describe('what the format demands of a conversation', () => {
  it('leading instructions are the system prompt; later ones are words of the user that say so', () => {
    const { body, losses } = encode({
      messages: [
        message(Role.SYSTEM, say('a')),
        message(Role.DEVELOPER, say('b')),
        hello,
        message(Role.SYSTEM, say('c')),
      ],
    });
    expect(body.system).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'text', text: '<system>\nc\n</system>' },
        ],
      },
    ]);
    expect(losses).toEqual(['EMULATED messages[3].role']);
  });

  it('turns of one side are one, results of tools first, and nothing empty goes out', () => {
    const { body } = encode({
      tools,
      messages: [
        hello,
        message(Role.USER, say('')),
        message(Role.ASSISTANT, say(''), call('c1')),
        message(Role.ASSISTANT, call('c2')),
        message(Role.USER, say('now')),
        message(Role.TOOL, result('c1', say('one'))),
        message(Role.TOOL, result('c2')),
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'c1', name: 'f', input: {} },
          { type: 'tool_use', id: 'c2', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'one' }] },
          { type: 'tool_result', tool_use_id: 'c2' },
          { type: 'text', text: 'now' },
        ],
      },
    ]);
  });

  it.each([
    ['instructions alone', [message(Role.SYSTEM, say('Be kind.'))], 'Be kind.'],
    ["the model's turn first", [message(Role.ASSISTANT, say('Hi')), hello], 'Continue.'],
  ])('begins with the user: %s', (_, messages, first) => {
    const { body, losses } = encode({ messages } as Init);
    expect(body.messages[0]).toMatchObject({ role: 'user' });
    expect(JSON.stringify(body.messages[0])).toContain(first);
    expect(losses[0]).toMatch(/^EMULATED messages/);
  });

  it("words put into the model's mouth end without white space, or are followed by the user's where models refuse them", () => {
    const messages = [hello, message(Role.ASSISTANT, say('The answer is \n'))];
    expect(encode({ messages }).body.messages[1]).toEqual({
      role: 'assistant',
      content: 'The answer is',
    });
    const { body, losses } = encode({ messages }, { model: 'claude-opus-4-8' });
    expect(body.messages.at(-1)).toEqual({ role: 'user', content: 'Continue.' });
    expect(losses).toEqual(['EMULATED messages[1]']);
  });

  it('ids of calls fit the format, differ, and still tie results to calls', () => {
    const { body } = encode({
      tools,
      messages: [
        hello,
        message(Role.ASSISTANT, call('call:1'), call('')),
        message(Role.TOOL, result('call:1'), result('')),
        message(Role.ASSISTANT, call('call:1')),
        message(Role.TOOL, result('call:1')),
      ],
    });
    const ids = (at: number, member: string): string[] =>
      body.messages[at].content.map((block: JsonObject) => block[member]);
    const [one, two] = [ids(1, 'id'), ids(3, 'id')];
    expect(new Set([...one, ...two]).size).toBe(3);
    for (const id of [...one, ...two]) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(ids(2, 'tool_use_id')).toEqual(one);
    expect(ids(4, 'tool_use_id')).toEqual(two);
  });

  it('calls in the conversation without definitions are given some, and may not be made again', () => {
    const { body, losses } = encode({
      messages: [hello, message(Role.ASSISTANT, call('c1', 'g')), message(Role.TOOL, result('c1'))],
    });
    expect(body).toMatchObject({
      tools: [{ name: 'g', input_schema: { type: 'object' } }],
      tool_choice: { type: 'none' },
    });
    expect(losses).toEqual(['EMULATED tools']);
  });

  it('a call without a result gets one that says so; a result without a call is words', () => {
    const { body, losses } = encode({
      tools,
      messages: [hello, message(Role.ASSISTANT, call('c1')), hello, message(Role.TOOL, result('c9', say('lost')))],
    });
    expect(body.messages[2].content).toEqual([
      { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'There is no result.' }] },
      { type: 'text', text: 'Hello' },
      { type: 'text', text: 'Result of a tool:' },
      { type: 'text', text: 'lost' },
    ]);
    expect(losses).toEqual([
      'EMULATED messages[1].parts[0].tool_call',
      'APPROXIMATED messages[3].parts[0].tool_result',
    ]);
    expect(encode({ tools, messages: [hello, message(Role.ASSISTANT, call('c1'))] }).body.messages[2]).toMatchObject({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'c1' }],
    });
  });

  it('inputs that are no object are wrapped, never thrown', () => {
    const { body, losses } = encode({
      tools,
      messages: [hello, message(Role.ASSISTANT, call('c1', 'f', '{"a":')), message(Role.TOOL, result('c1'))],
    });
    expect(body.messages[1].content[0].input).toEqual({ input: '{"a":' });
    expect(losses).toEqual(['APPROXIMATED messages[1].parts[0].tool_call.input']);
  });

  it('at most four cache marks go out, the last ones, and a day is an hour', () => {
    const part = { ...say('x'), cacheControl: { ttl: CacheTtl.CACHE_TTL_24H } };
    const { body, losses } = encode({
      messages: [message(Role.USER, part, part, part), message(Role.ASSISTANT, part, part), hello],
    });
    const text = JSON.stringify(body);
    expect(text.match(/"ttl":"1h"/g)).toHaveLength(4);
    expect(body.messages[0].content[0]).not.toHaveProperty('cache_control');
    expect(losses).toContain('DROPPED messages.parts.cache_control');
    expect(losses).toContain('CLAMPED messages[0].parts[0].cache_control.ttl');
  });

  it('no mark for an hour stands behind a shorter one, which the API refuses', () => {
    const marked = (ttl: CacheTtl) => ({ ...say('x'), cacheControl: { ttl } });
    const { body, losses } = encode({
      messages: [message(Role.USER, marked(CacheTtl.CACHE_TTL_5M), marked(CacheTtl.CACHE_TTL_1H))],
    });
    const marks = body.messages[0].content.map((block: { cache_control: object }) => block.cache_control);
    expect(marks).toEqual([{ type: 'ephemeral', ttl: '5m' }, { type: 'ephemeral' }]);
    expect(losses).toEqual(['CLAMPED messages.parts.cache_control.ttl']);
  });

  it('media: bytes, addresses and files; text is a document, sound is dropped by name', () => {
    const data = (value: string, mediaType: string) => ({
      location: { case: 'data', value: Buffer.from(value) },
      mediaType,
    });
    const { body, losses } = encode({
      messages: [
        message(
          Role.USER,
          { kind: { case: 'image', value: { source: data('\x89PNG', 'image/png') } } },
          { kind: { case: 'image', value: { source: { location: { case: 'url', value: 'https://a.test/b.png' } } } } },
          { kind: { case: 'image', value: { source: data('BM', 'image/bmp') } } },
          { kind: { case: 'file', value: { source: data('a,b', 'text/csv'), filename: 't.csv' } } },
          { kind: { case: 'audio', value: { source: data('x', 'audio/wav') } } },
        ),
      ],
    });
    expect(body.messages[0].content).toEqual([
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: Buffer.from('\x89PNG').toString('base64') },
      },
      { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' }, title: 't.csv' },
    ]);
    expect(losses).toEqual([
      'DROPPED messages[0].parts[2].image',
      'APPROXIMATED messages[0].parts[3].file.source.media_type',
      'DROPPED messages[0].parts[4]',
    ]);
  });

  it('thoughts go back only with a signature of this format', () => {
    const thought = (origin: string, signature: string) => ({
      kind: { case: 'reasoning', value: { text: 'hm' } },
      signature,
      origin,
    });
    const parts = [thought('anthropic-messages', 's1'), thought('', 's2'), thought('gemini', 's3'), thought('', '')];
    const { body, losses } = encode({ messages: [hello, message(Role.ASSISTANT, ...parts, say('Hi')), hello] });
    expect(body.messages[1].content).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 's1' },
      { type: 'thinking', thinking: 'hm', signature: 's2' },
      { type: 'text', text: 'Hi' },
    ]);
    expect(losses).toEqual(['DROPPED messages[1].parts[2].reasoning', 'DROPPED messages[1].parts[3].reasoning']);
  });
});
