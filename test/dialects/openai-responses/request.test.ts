import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MessageSchema, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { type Generation, GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import { openAiChatProvider } from '../../../server/dialects/openai-chat/index.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { refusal } from '../support/drive.ts';
import { door, provider } from './drive.ts';

const target = { provider: 'p', model: 'm', quirks: {}, stream: false };
const body = (more: object): JsonObject => ({ model: 'm', input: 'Hi', ...more });
const decode = (more: object): Generation => door.decodeRequest(body(more)).generation;
const kinds = (generation: Generation) =>
  generation.messages.map(({ role, parts }) => [role, parts.map(({ kind }) => kind.case)]);

const CODES = ['', 'DROPPED', 'APPROXIMATED', 'EMULATED', 'CLAMPED'];

/** What is lost of a generation, as CODE path. */
function losses(init: object): string[] {
  const generation = create(GenerationSchema, { model: 'm', messages: [], ...init });
  return provider.encodeRequest(generation, target).warnings.map(({ code, field }) => `${CODES[code]} ${field}`);
}
const oneMessage = (role: Role, ...parts: object[]): object => ({ messages: [{ role, parts }] });

describe('a request of the caller', () => {
  it('is a conversation whose instructions are the system speaking first', () => {
    const generation = decode({ instructions: 'Be kind.' });
    expect(kinds(generation)).toEqual([
      [Role.SYSTEM, ['text']],
      [Role.USER, ['text']],
    ]);
  });

  it('has items of the model in one turn, and results of tools in the next', () => {
    const generation = decode({
      input: [
        { role: 'developer', content: 'Be brief.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Hi' },
            { type: 'input_image', file_id: 'f' },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'x' },
        {
          type: 'message',
          role: 'assistant',
          id: 'msg_1',
          content: [
            { type: 'output_text', text: 'a' },
            { type: 'refusal', refusal: 'b' },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}', id: 'fc_1' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'text' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed' },
        { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
        { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'x' }] },
        { type: 'computer_call_output', call_id: 'c3', output: { type: 'computer_screenshot' } },
        { type: 'item_reference', id: 'msg_0' },
      ],
    });
    expect(kinds(generation)).toEqual([
      [Role.DEVELOPER, ['text']],
      [Role.USER, ['text', 'image']],
      [Role.ASSISTANT, ['reasoning', 'reasoning', 'text', 'refusal', 'toolCall', 'toolCall', 'raw']],
      [Role.TOOL, ['toolResult', 'toolResult', 'raw']],
      [Role.ASSISTANT, ['raw']],
    ]);
    const [summary, encrypted, text, , call] = generation.messages[2]?.parts ?? [];
    expect(summary).toMatchObject({ itemId: 'rs_1', origin: 'openai-responses', kind: { value: { summary: true } } });
    expect(encrypted).toMatchObject({ itemId: 'rs_1', kind: { value: { redactedData: 'x', text: '' } } });
    expect(text).toMatchObject({ itemId: 'msg_1', origin: 'openai-responses' });
    expect(call).toMatchObject({ itemId: 'fc_1', kind: { value: { id: 'c1', name: 'f' } } });
  });

  it('says what form the answer shall have, and how much thought goes into it', () => {
    const generation = decode({
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'low' },
      reasoning: { effort: 'xhigh', summary: 'auto' },
      include: ['message.output_text.logprobs'],
      top_logprobs: 3,
      safety_identifier: 's',
      user: 'u',
      metadata: { team: 'blue', other: 'x' },
    });
    expect(generation.responseFormat?.kind).toMatchObject({ case: 'jsonSchema', value: { name: 'n' } });
    expect(generation).toMatchObject({ verbosity: 1, logprobs: true, topLogprobs: 3, endUserId: 's' });
    expect(generation.reasoning).toMatchObject({ effort: 6, summary: 'auto' });
    expect(door.decodeRequest(body({ metadata: { team: 'blue', other: 'x' } })).metadata).toMatchObject({
      team: 'blue',
      labels: { other: 'x' },
    });
  });

  it('chooses tools in all forms', () => {
    const choice = (tool_choice: unknown) => decode({ tool_choice }).toolChoice;
    expect(choice('required')).toMatchObject({ mode: 3 });
    expect(choice({ type: 'function', name: 'f' })).toMatchObject({ mode: 4, toolName: 'f' });
    expect(choice({ type: 'custom', name: 'g' })).toMatchObject({ mode: 4, toolName: 'g' });
    expect(choice({ type: 'file_search' })).toMatchObject({ mode: 4, toolName: 'file_search' });
    const allowed = {
      type: 'allowed_tools',
      mode: 'auto',
      tools: [
        { type: 'function', name: 'f' },
        { type: 'mcp', server_label: 's' },
      ],
    };
    expect(choice(allowed)).toMatchObject({ mode: 1, allowedToolNames: ['f', 'mcp'] });
  });

  it.each([
    ['no input', { input: undefined }, 'input'],
    ['an item without a type', { input: [{ id: 'x' }] }, 'input[0].type'],
    ['an unknown role', { input: [{ role: 'tool', content: 'x' }] }, 'input[0].role'],
    ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content'],
    [
      'a text that is none',
      { input: [{ role: 'user', content: [{ type: 'input_text', text: 1 }] }] },
      'input[0].content[0].text',
    ],
    [
      'a picture from nowhere',
      { input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'input[0].content[0]',
    ],
    ['a call without arguments', { input: [{ type: 'function_call', call_id: 'c', name: 'f' }] }, 'input[0].arguments'],
    ['a result of nothing', { input: [{ type: 'function_call_output', output: '' }] }, 'input[0].call_id'],
    ['a tool without a name', { tools: [{ type: 'function' }] }, 'tools[0].name'],
    ['an unknown choice', { tool_choice: 'perhaps' }, 'tool_choice'],
    ['an unknown form', { text: { format: { type: 'xml' } } }, 'text.format.type'],
    ['too high a temperature', { temperature: 3 }, 'temperature'],
    ['a limit of nothing', { max_output_tokens: 0 }, 'max_output_tokens'],
    ['a background', { background: true }, 'background'],
  ])('is refused with %s, by the path of what is wrong', (_, more, param) => {
    expect(refusal(() => door.decodeRequest(body(more))).param).toBe(param);
  });

  it('needs no input where the provider holds the conversation', () => {
    for (const more of [{ previous_response_id: 'resp_1' }, { conversation: 'c' }, { prompt: { id: 'p' } }]) {
      expect(decode({ input: undefined, ...more }).messages).toEqual([]);
    }
  });

  it('survives whatever it holds without a throw other than a refusal', () => {
    const deep = (levels: number): unknown => {
      let value: unknown = 'x';
      for (let level = 0; level < levels; level += 1) value = [value];
      return value;
    };
    const hostile = [
      { input: [{ type: 'web_search_call', action: deep(200_000) }] },
      { input: [{ role: 'assistant', content: [{ type: 'output_text', text: 'a', annotations: deep(200_000) }] }] },
      { tools: [{ type: 'function', name: 'f', parameters: { a: deep(200_000) } }] },
      JSON.parse('{"metadata":{"__proto__":"x"}}'),
      { input: [{ type: 'reasoning', summary: [{ text: 1 }] }] },
    ];
    const survives = (more: object): void => {
      try {
        const { generation, wire } = door.decodeRequest(body(more));
        provider.encodeRequest(generation, { ...target, wire });
        provider.encodeRequest(generation, target);
        openAiChatProvider.encodeRequest(generation, { ...target, wire });
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SluiceError);
      }
    };
    for (const more of hostile) survives(more);
    const item = fc.record(
      {
        type: fc.constantFrom('message', 'reasoning', 'function_call', 'function_call_output', 'web_search_call'),
        role: fc.constantFrom('user', 'assistant'),
        content: fc.jsonValue(),
        summary: fc.jsonValue(),
        output: fc.jsonValue(),
        call_id: fc.constant('c'),
        name: fc.constant('f'),
        arguments: fc.string(),
      },
      { requiredKeys: ['type'] },
    );
    const members = fc.constantFrom('input', 'tools', 'tool_choice', 'text', 'reasoning', 'metadata', 'include');
    fc.assert(fc.property(members, fc.jsonValue(), (name, value) => survives({ [name]: value })));
    fc.assert(fc.property(fc.array(item, { maxLength: 4 }), (input) => survives({ input })));
  });
});

describe('a request for the provider', () => {
  it('is the body of a caller of this format, but for the model and streaming', () => {
    const own = body({
      stream: true,
      stream_options: { include_obfuscation: false },
      future: { a: 1 },
      background: false,
    });
    const { generation, wire } = door.decodeRequest(own);
    const sent = provider.encodeRequest(generation, { ...target, model: 'other', wire, stream: true });
    expect(sent).toMatchObject({ path: '/responses', body: { ...own, model: 'other' }, warnings: [] });
    const whole = provider.encodeRequest(generation, { ...target, wire, stream: false });
    expect(whole.body).toEqual({ model: 'm', input: 'Hi', future: { a: 1 }, background: false, stream: false });
  });

  it('takes what the caller sets for this format, but not what the gateway decides', () => {
    const generation = create(GenerationSchema, {
      model: 'm',
      messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'Hi' } } }] }],
      providerOptionsJson: {
        'openai-responses': '{"truncation":"auto","include":["reasoning.encrypted_content"],"background":true}',
        p: '{"truncation":"disabled","input":"Other"}',
      },
    });
    const { body: sent, warnings } = provider.encodeRequest(generation, target);
    expect(sent).toMatchObject({
      input: [{ role: 'user', content: 'Hi' }],
      truncation: 'disabled',
      include: ['reasoning.encrypted_content'],
    });
    expect(sent).not.toHaveProperty('background');
    expect(warnings.map(({ field }) => field)).toEqual([
      'generation.provider_options_json["openai-responses"].background',
      'generation.provider_options_json["p"].input',
    ]);
  });

  it('has the ids of calls shortened alike with their results, and made where there are none', () => {
    const call = (id: string) => ({
      kind: {
        case: 'toolCall' as const,
        value: { id, name: 'f', input: { case: 'argumentsJson' as const, value: '{}' } },
      },
    });
    const result = (callId: string) => ({ kind: { case: 'toolResult' as const, value: { callId, parts: [] } } });
    const long = 'x'.repeat(100);
    const messages: Parameters<typeof create<typeof MessageSchema>>[1][] = [
      { role: Role.ASSISTANT, parts: [call(long), call(''), call('')] },
      { role: Role.TOOL, parts: [result(long), result(''), result('')] },
    ];
    const generation = create(GenerationSchema, { model: 'm', messages: messages as [] });
    const input = provider.encodeRequest(generation, target).body['input'] as { call_id: string }[];
    const ids = input.map(({ call_id }) => call_id);
    expect(ids.slice(0, 3)).toEqual(ids.slice(3));
    expect(new Set(ids).size).toBe(3);
    expect(Math.max(...ids.map(({ length }) => length))).toBeLessThanOrEqual(64);
  });

  it.each([
    ['top_k', { topK: 3 }, ['DROPPED generation.top_k']],
    [
      'penalties',
      { frequencyPenalty: 1, presencePenalty: 1 },
      ['DROPPED generation.frequency_penalty', 'DROPPED generation.presence_penalty'],
    ],
    ['a seed and texts to stop at', { seed: 1n, stop: ['x'] }, ['DROPPED generation.seed', 'DROPPED generation.stop']],
    ['several answers', { n: 2 }, ['DROPPED generation.n']],
    ['one answer', { n: 1 }, []],
    ['a bias', { logitBias: { 1: 2 } }, ['DROPPED generation.logit_bias']],
    [
      'sound',
      { modalities: ['audio'], audioOutput: { voice: 'v' } },
      ['DROPPED generation.modalities', 'DROPPED generation.audio_output'],
    ],
    ['a small limit', { maxOutputTokens: 3 }, ['CLAMPED generation.max_output_tokens']],
    ['a budget', { reasoning: { budgetTokens: 5000 } }, ['APPROXIMATED generation.reasoning.budget_tokens']],
    ['a name', { messages: [{ role: Role.USER, name: 'ann', parts: [] }] }, ['DROPPED generation.messages[0].name']],
    [
      'a cache mark',
      oneMessage(Role.USER, { kind: { case: 'text', value: { text: 'x' } }, cacheControl: {} }),
      ['DROPPED generation.messages[0].parts[0].cache_control'],
    ],
    [
      'a signature of another format',
      oneMessage(Role.ASSISTANT, { kind: { case: 'text', value: { text: 'x' } }, signature: 's', origin: 'gemini' }),
      ['DROPPED generation.messages[0].parts[0].signature'],
    ],
    [
      'an id of another format',
      oneMessage(Role.ASSISTANT, { kind: { case: 'text', value: { text: 'x' } }, itemId: 'i', origin: 'gemini' }),
      ['DROPPED generation.messages[0].parts[0].item_id'],
    ],
    [
      "another provider's thoughts",
      oneMessage(Role.ASSISTANT, { kind: { case: 'reasoning', value: { text: 'x' } } }),
      ['DROPPED generation.messages[0].parts[0].reasoning'],
    ],
    [
      'encrypted thoughts of another format',
      oneMessage(Role.ASSISTANT, {
        kind: { case: 'reasoning', value: { redactedData: 'x' } },
        origin: 'anthropic-messages',
      }),
      ['DROPPED generation.messages[0].parts[0].reasoning'],
    ],
    [
      'sound of a user',
      oneMessage(Role.USER, { kind: { case: 'audio', value: {} } }),
      ['DROPPED generation.messages[0].parts[0]'],
    ],
    [
      'a raw part of another format',
      oneMessage(Role.USER, { kind: { case: 'raw', value: { dialect: 'gemini', json: '{}' } } }),
      ['DROPPED generation.messages[0].parts[0].raw'],
    ],
    [
      "a tool of another format's provider",
      { tools: [{ kind: { case: 'provider', value: { type: 't', dialect: 'gemini' } } }] },
      ['DROPPED generation.tools[0].provider'],
    ],
    [
      'a failed tool',
      oneMessage(
        Role.ASSISTANT,
        { kind: { case: 'toolCall', value: { id: 'c', name: 'f' } } },
        { kind: { case: 'toolResult', value: { callId: 'c', isError: true } } },
      ),
      ['DROPPED generation.messages[0].parts[1].tool_result.is_error'],
    ],
    [
      "a call of another provider's own tool",
      oneMessage(Role.ASSISTANT, { kind: { case: 'toolCall', value: { id: 'c', name: 'n', providerExecuted: true } } }),
      ['DROPPED generation.messages[0].parts[0].tool_call'],
    ],
  ])('names what it loses: %s', (_, init, expected) => {
    expect(losses(init)).toEqual(expected);
  });

  it('sends the least that is taken where less is asked for', () => {
    const generation = create(GenerationSchema, { model: 'm', maxOutputTokens: 3 });
    expect(provider.encodeRequest(generation, target).body).toMatchObject({ max_output_tokens: 16 });
  });

  it('never sends what another format signed or encrypted', () => {
    const part = {
      kind: { case: 'reasoning' as const, value: { redactedData: 'secret' } },
      origin: 'anthropic-messages',
      itemId: 'i',
      signature: 'sig',
    };
    const generation = create(GenerationSchema, { model: 'm', messages: [{ role: Role.ASSISTANT, parts: [part] }] });
    expect(JSON.stringify(provider.encodeRequest(generation, target).body)).not.toMatch(/secret|sig/);
  });
});

describe('what a provider has stored', () => {
  it.each([
    ['previous_response_id', 'resp_1'],
    ['conversation', { id: 'conv_1' }],
    ['prompt', { id: 'pmpt_1' }],
  ])('is refused where the provider speaks another format: %s', (name, value) => {
    const { generation, wire } = door.decodeRequest(body({ [name]: value }));
    const error = refusal(() => openAiChatProvider.encodeRequest(generation, { ...target, wire }));
    expect(error).toMatchObject({ reason: 'UNSUPPORTED_PARAMETER', param: name });
  });

  it('is refused by name in the contract too', () => {
    const generation = create(GenerationSchema, { model: 'm', previousResponseId: 'resp_1' });
    const error = refusal(() => openAiChatProvider.encodeRequest(generation, target));
    expect(error).toMatchObject({
      param: 'previous_response_id',
      metadata: { field: 'generation.previous_response_id' },
    });
  });

  it('is passed on where the provider speaks this format', () => {
    const generation = create(GenerationSchema, { model: 'm', previousResponseId: 'resp_1', store: true });
    expect(provider.encodeRequest(generation, target).body).toMatchObject({
      previous_response_id: 'resp_1',
      store: true,
    });
  });
});
