import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../server/core/json.ts';
import { noteForeignMembers } from '../../server/dialects/foreign-members.ts';
import { createLosses } from '../../server/dialects/losses.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { door, provider } from './support/codecs.ts';

const ASK = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const through = (body: object) => {
  const { generation, wire } = door.decodeRequest(body as never);
  return provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false, wire });
};
/** What a provider of another format is not told. */
const unheld = (body: object) => {
  const losses = createLosses();
  noteForeignMembers(door.decodeRequest(body as never).wire, losses);
  return losses.warnings.map(({ field }) => field);
};

describe('what only some servers of the format take is theirs to refuse', () => {
  it.each([
    ['temperature', 2.5],
    ['top_p', 1.5],
    ['top_k', -1],
    ['frequency_penalty', 3],
    ['presence_penalty', -3],
    ['top_logprobs', 25],
    ['seed', 1e19],
    ['response_format', { type: 'grammar', value: 'root ::= "a"' }],
    ['response_format', { type: 'regex', pattern: 'a+' }],
    ['tool_choice', 'validated'],
    ['logit_bias', [[5, -1]]],
    ['logit_bias', { Hello: -100 }],
    ['reasoning_effort', 'galactic'],
    ['min_p', 0.1],
    ['chat_template_kwargs', { enable_thinking: false }],
  ])('%s %j goes along as it is, and is told where another format is written', (name, value) => {
    const body = { ...ASK, [name]: value };
    expect(through(body)).toMatchObject({ body, warnings: [] });
    expect(unheld(body)).toEqual([name]);
  });

  it.each([
    ['max_tokens', -1],
    ['max_tokens', 0],
    ['stop', ''],
  ])('%s %j asks for nothing, so nothing of it is told', (name, value) => {
    const body = { ...ASK, [name]: value };
    expect(through(body).body).toEqual(body);
    expect(unheld(body)).toEqual([]);
  });

  it('what the contract holds is told to nobody', () => {
    const body = {
      ...ASK,
      temperature: 2,
      top_k: 5,
      top_logprobs: 20,
      seed: 7,
      response_format: { type: 'json_object', schema: { type: 'object' } },
      tool_choice: 'auto',
      logit_bias: { 5: -1 },
      reasoning_effort: 'low',
      metadata: { team: 't' },
      user: null,
      min_p: null,
    };
    expect(unheld(body)).toEqual([]);
    expect(door.decodeRequest(body).generation.responseFormat?.kind).toMatchObject({
      case: 'jsonSchema',
      value: { schemaJson: '{"type":"object"}' },
    });
  });

  it('members of messages too', () => {
    expect(unheld({ ...ASK, messages: [...ASK.messages, { role: 'assistant', content: 'a', prefix: true }] })).toEqual([
      'messages[1].prefix',
    ]);
  });

  it('a schema without a name has one where it is built', () => {
    const { generation } = door.decodeRequest({
      ...ASK,
      response_format: { type: 'json_schema', json_schema: { schema: { type: 'object', properties: {} } } },
    });
    const { body } = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false });
    expect(body.response_format).toMatchObject({ json_schema: { name: 'answer', schema: { type: 'object' } } });
  });
});

describe('searching the web', () => {
  const options = { search_context_size: 'low', user_location: { type: 'approximate', approximate: { city: 'A' } } };

  it("is a tool of this format's, and a member of the body again", () => {
    const { generation } = door.decodeRequest({ ...ASK, web_search_options: options });
    expect(generation.tools).toMatchObject([
      { kind: { case: 'provider', value: { type: 'web_search_options', dialect: 'openai-chat' } } },
    ]);
    const sent = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false });
    expect(sent.body.web_search_options).toEqual(options);
    expect(sent.body.tools).toBeUndefined();
    expect(sent.warnings).toEqual([]);
  });

  it('may be asked for as an option of the format', () => {
    const generation = create(GenerationSchema, {
      model: 'm',
      messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'x' } } }] }],
      providerOptionsJson: { 'openai-chat': JSON.stringify({ web_search_options: options }) },
    });
    const sent = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false });
    expect(sent.body.web_search_options).toEqual(options);
  });
});

describe('top_k', () => {
  it('is sent where the provider knows it', () => {
    const { generation } = door.decodeRequest({ ...ASK, top_k: 5 });
    const to = (quirks: object) =>
      provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks, stream: false });
    expect(to({ topK: true })).toMatchObject({ body: { top_k: 5 }, warnings: [] });
    expect(to({}).warnings.map(({ field }) => field)).toEqual(['generation.top_k']);
  });
});

describe('hostile requests', () => {
  const NAMES = [
    'messages',
    'tools',
    'tool_choice',
    'response_format',
    'logit_bias',
    'stop',
    'seed',
    'n',
    'audio',
    'prediction',
    'metadata',
    'web_search_options',
    'reasoning_details',
    'functions',
    'function_call',
    'stream_options',
    '__proto__',
  ];
  it('any JSON in any member is read, or refused with a reason', () => {
    const body = fc.dictionary(fc.constantFrom(...NAMES), fc.jsonValue({ maxDepth: 4 }));
    const message = fc.dictionary(
      fc.constantFrom('content', 'tool_calls', 'reasoning_details', 'extra_content', 'audio', 'tool_call_id', 'name'),
      fc.jsonValue({ maxDepth: 4 }),
    );
    fc.assert(
      fc.property(body, message, fc.constantFrom('user', 'assistant', 'tool'), (members, odd, role) => {
        try {
          const json = { ...ASK, messages: [{ ...odd, role }], ...members } as JsonObject;
          const { generation, wire } = door.decodeRequest(json);
          noteForeignMembers(wire, createLosses());
          provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: true });
          const quirks = {
            dropMessageFields: ['audio'],
            toolCallIds: 'nine-alphanumerics',
            turns: 'alternate',
          } as const;
          provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks, stream: true, wire });
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SluiceError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
