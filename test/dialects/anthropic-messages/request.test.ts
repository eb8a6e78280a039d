import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { refusal } from '../support/drive.ts';
import { encode, hello, type Init, message } from './build-request.ts';
import { door, provider } from './drive.ts';

describe('the request itself', () => {
  const caller = {
    model: 'x',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'Hi' }],
    new_member: { deep: [1.5, null] },
    speed: 'fast',
  };

  it("a caller's body of this format goes along, unknown members and beta features too", () => {
    const headers = { 'anthropic-version': '2030-01-01', 'anthropic-beta': 'b1,b2' };
    const { generation, wire } = door.decodeRequest(caller, { headers });
    const request = provider.encodeRequest(generation, {
      provider: 'p',
      model: 'claude-x',
      quirks: {},
      stream: true,
      wire,
    });
    expect(request).toMatchObject({ path: '/messages', headers, warnings: [] });
    expect(request.body).toEqual({ ...caller, model: 'claude-x', stream: true });
  });

  it('across formats the version is the usual one, and beta features stay behind', () => {
    const request = encode({});
    expect(request.headers).toEqual({ 'anthropic-version': '2023-06-01' });
    expect(request.path).toBe('/messages');
  });

  it('members of one format alone are options for it, so that nothing depends on the raw body', () => {
    const { generation } = door.decodeRequest(caller);
    const request = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false });
    expect(request.body).toMatchObject({ new_member: { deep: [1.5, null] }, speed: 'fast' });
  });

  it('quirks: the model and the version stand elsewhere where the provider wants that', () => {
    const quirks = {
      modelInPath: true,
      paths: { chat: '/models/{model}:rawPredict', chatStream: '/models/{model}:streamRawPredict' },
      defaultFields: { anthropic_version: 'vertex-2023-10-16' },
    };
    const request = encode({}, { model: 'claude@1/x', quirks, stream: true });
    expect(request.path).toBe('/models/claude%401%2Fx:streamRawPredict');
    expect(request.body).toMatchObject({ anthropic_version: 'vertex-2023-10-16', stream: true });
    expect(request.body).not.toHaveProperty('model');
    expect(request.headers).toEqual({});
    expect(encode({}, { model: 'm', quirks }).path).toBe('/models/m:rawPredict');
  });

  it('a count asks for the prompt alone', () => {
    const generation = create(GenerationSchema, {
      model: 'm',
      messages: [hello],
      temperature: 0.5,
      maxOutputTokens: 5,
    } as object);
    const request = provider.tokenCount?.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {} });
    expect(request?.path).toBe('/messages/count_tokens');
    expect(JSON.parse(JSON.stringify(request?.body))).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
    });
  });
});

describe('callers that send what is wrong', () => {
  const good = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] };

  it.each([
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ model: '' }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'base64', data: '?', media_type: 'x' } }] },
        ],
      },
      'messages[0].content[0].source.data',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: 'c' }] }] },
      'messages[0].content[0].input',
    ],
    [{ temperature: 1.1 }, 'temperature'],
    [{ system: 5 }, 'system'],
    [{ tools: [{ name: 'x' }] }, 'tools[0].input_schema'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name'],
    [{ tool_choice: { type: 'maybe' } }, 'tool_choice.type'],
    [{ thinking: { type: 'enabled', budget_tokens: 'x' } }, 'thinking.budget_tokens'],
    [{ stop_sequences: 'x' }, 'stop_sequences'],
  ])('%j is refused at %s', (change, param) => {
    expect(refusal(() => door.decodeRequest({ ...good, ...change } as JsonObject)).param).toBe(param);
  });

  it('no JSON makes the door throw anything but a refusal, and what it takes can be encoded', () => {
    const block = fc
      .record(
        {
          type: fc.constantFrom(
            'text',
            'thinking',
            'tool_use',
            'tool_result',
            'document',
            'mcp_tool_use',
            'x_tool_result',
            'odd',
          ),
          value: fc.jsonValue(),
        },
        { requiredKeys: ['type'] },
      )
      .map(({ type, value }) => ({
        type,
        text: 'x',
        id: 'i',
        name: 'n',
        input: {},
        thinking: '',
        tool_use_id: 'i',
        content: value,
        source: value,
        caller: value,
      }));
    const content = fc.oneof(fc.jsonValue(), fc.array(block, { maxLength: 4 }));
    const body = fc.record({
      model: fc.constant('m'),
      max_tokens: fc.oneof(fc.integer(), fc.jsonValue()),
      system: fc.oneof(fc.string(), content),
      messages: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system', '__proto__'), content }), {
        maxLength: 4,
      }),
      tools: fc.oneof(fc.constant([]), fc.jsonValue()),
      ['__proto__']: fc.jsonValue(),
      extra: fc.jsonValue(),
    });
    fc.assert(
      fc.property(body, (made) => {
        try {
          const { generation } = door.decodeRequest(JSON.parse(JSON.stringify(made)));
          provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false });
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SluiceError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('endless nesting throws nothing but refusals, wherever it stands', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const schema = `${'{"items":'.repeat(50_000)}{}${'}'.repeat(50_000)}`;
    const raw = {
      kind: { case: 'raw', value: { dialect: 'anthropic-messages', json: `{"type":"odd","content":${deep}}` } },
    };
    const attempts: (() => unknown)[] = [
      () => door.decodeRequest({ ...good, extra: JSON.parse(deep) }),
      () =>
        door.decodeRequest({
          ...good,
          messages: [{ role: 'user', content: [{ type: 'odd', deep: JSON.parse(deep) }] }],
        }),
      () => provider.encodeRequest(made({ messages: [message(Role.USER, raw)] }), target),
      () => provider.encodeRequest(made({ tools: strict(schema) }), target),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SluiceError);
      }
    }
  });
});

const target = { provider: 'p', model: 'm', quirks: {}, stream: false };
const made = (init: Init) => create(GenerationSchema, { model: 'm', messages: [hello], ...init } as object);
const strict = (parametersJsonSchema: string) => [
  { kind: { case: 'function' as const, value: { name: 'f', strict: true, parametersJsonSchema } } },
];
