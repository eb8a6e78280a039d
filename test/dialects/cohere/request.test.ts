import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { refusal } from '../support/drive.ts';
import { assistant, call, door, encode, message, result, say, think, tool, user } from './drive.ts';

const PLANNER = { model: 'command-a-03-2025' };
const schema = { kind: { case: 'jsonSchema', value: { name: 'n', schemaJson: '{"type":"object"}' } } };
const file = (text: string, mediaType: string, more: object = {}) => ({
  kind: {
    case: 'file',
    value: { source: { location: { case: 'data', value: Buffer.from(text) }, mediaType }, ...more },
  },
});

describe('a body of this format', () => {
  it('goes on as it came, with members that nobody knows, but for model and stream', () => {
    const json = { model: 'route', stream: false, messages: [], documents: ['d'], novel: { a: 1 } };
    const { body, path, losses } = encode({}, { wire: { dialect: 'cohere', json }, model: 'command-r', stream: true });
    expect(body).toEqual({ ...json, model: 'command-r', stream: true });
    expect([path, losses]).toEqual(['/v2/chat', []]);
  });

  it('takes what options ask for, but not who is asked what', () => {
    const { body, losses } = encode({
      providerOptionsJson: {
        cohere: '{"safety_mode":"STRICT","model":"x"}',
        co: '{"citation_options":{"mode":"FAST"}}',
      },
    });
    expect(body).toMatchObject({ safety_mode: 'STRICT', citation_options: { mode: 'FAST' }, stream: false });
    expect(losses).toEqual(['DROPPED provider_options_json["cohere"].model']);
  });
});

describe('a conversation', () => {
  it('has the four roles, plans before calls, and objects of results as documents', () => {
    const { body, losses } = encode(
      {
        messages: [
          message(Role.DEVELOPER, say('Be kind.')),
          user(say('a'), say('b')),
          assistant(think('first f'), call('1', 'f', '{"x":1}')),
          message(Role.TOOL, result('1', say('{"y":2}'), say('plain'))),
          user(say('and?')),
        ],
      },
      PLANNER,
    );
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        tool_plan: 'first f',
        tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
      },
      {
        role: 'tool',
        tool_call_id: '1',
        content: [
          { type: 'document', document: { data: '{"y":2}' } },
          { type: 'text', text: 'plain' },
        ],
      },
      { role: 'user', content: 'and?' },
    ]);
    expect(losses).toEqual([]);
  });

  it('holds pictures where the model sees, of the types that are taken', () => {
    const picture = (source: object) => ({ kind: { case: 'image' as const, value: { source, detail: 'low' } } });
    const url = { location: { case: 'url' as const, value: 'https://a/b.png' } };
    const tiff = { location: { case: 'data' as const, value: Buffer.from('x') }, mediaType: 'image/tiff' };
    const messages = [user(say('a'), picture(url), picture(tiff))];
    const seen = encode({ messages }, { model: 'command-a-vision-07-2025' });
    expect(seen.body.messages[0].content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'https://a/b.png', detail: 'low' } },
    ]);
    expect(seen.losses).toEqual(['DROPPED messages[0].parts[2].image']);
    const blind = encode({ messages }, PLANNER);
    expect(blind.body.messages).toEqual([{ role: 'user', content: 'a' }]);
    expect(blind.losses).toEqual([1, 2].map((at) => `DROPPED messages[0].parts[${at}].image`));
  });

  it('gives thoughts back to models that think, and says so where they have no place', () => {
    const messages = [user(say('a')), assistant(think('hm', { signature: 's' }), say('b')), user(say('c'))];
    const thinker = encode({ messages });
    expect(thinker.body.messages[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'b' },
      ],
    });
    expect(thinker.losses).toEqual(['DROPPED messages[1].parts[0].signature']);
    const planner = encode({ messages }, PLANNER);
    expect(planner.body.messages[1]).toEqual({ role: 'assistant', content: 'b' });
    expect(planner.losses).toContain('DROPPED messages[1].parts[0].reasoning');
  });

  it('ties results to calls that had no id', () => {
    const { body } = encode({
      messages: [user(say('a')), assistant(call(''), call('')), message(Role.TOOL, result('', say('x')), result(''))],
    });
    const [, turn, first, second] = body.messages;
    const ids = turn.tool_calls.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(2);
    expect([first.tool_call_id, second.tool_call_id]).toEqual(ids);
  });

  it('has documents beside it, as text', () => {
    const { body, losses } = encode({
      messages: [
        user(
          say('read'),
          file('words', 'text/plain', { filename: 'a.txt', context: 'c' }),
          file('%PDF', 'application/pdf'),
          file('\u00ff', 'text/plain', { source: { location: { case: 'url', value: 'https://a/b' } } }),
        ),
      ],
    });
    expect(body.documents).toEqual([{ data: { title: 'a.txt', context: 'c', text: 'words' } }]);
    expect(body.messages).toEqual([{ role: 'user', content: 'read' }]);
    expect(losses).toEqual([
      'APPROXIMATED messages[0].parts[1].file',
      'DROPPED messages[0].parts[2].file',
      'DROPPED messages[0].parts[3].file',
    ]);
  });

  it('loses nothing without saying so', () => {
    const { body, losses } = encode({
      messages: [
        { ...user({ ...say('a'), cacheControl: {} }), name: 'ann' },
        assistant(
          { kind: { case: 'reasoning', value: { redactedData: 'x' } } },
          { kind: { case: 'toolCall', value: { id: '1', name: 'f', input: { case: 'text', value: 'free' } } } },
          { kind: { case: 'toolCall', value: { id: '2', name: 'w', providerExecuted: true } } },
        ),
        message(Role.TOOL, { kind: { case: 'toolResult', value: { callId: '1', parts: [say('no')], isError: true } } }),
        user({ kind: { case: 'raw', value: { dialect: 'gemini', json: '{}' } } }),
        user({ kind: { case: 'audio', value: {} } }, say('b')),
      ],
    });
    expect(losses).toEqual([
      'DROPPED messages[0].name',
      'DROPPED messages[0].parts[0].cache_control',
      'DROPPED messages[1].parts[0].reasoning.redacted_data',
      'APPROXIMATED messages[1].parts[1].tool_call.text',
      'DROPPED messages[1].parts[2].tool_call',
      'DROPPED messages[2].parts[0].tool_result.is_error',
      'DROPPED messages[3].parts[0].raw',
      'DROPPED messages[3]',
      'DROPPED messages[4].parts[0]',
    ]);
    expect(body.messages[1].tool_calls[0].function.arguments).toBe('{"input":"free"}');
    expect(body.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
  });
});

describe('tools', () => {
  const choose = (mode: ToolChoiceMode, more: object = {}) => ({
    tools: [tool('f'), tool('g')],
    toolChoice: { mode, ...more },
  });
  const names = (body: { tools: { function: { name: string } }[] }) => body.tools.map((one) => one.function.name);

  it('are chosen in two words, and by which are sent', () => {
    expect(encode(choose(ToolChoiceMode.REQUIRED)).body.tool_choice).toBe('REQUIRED');
    expect(encode(choose(ToolChoiceMode.NONE)).body.tool_choice).toBe('NONE');
    expect(encode(choose(ToolChoiceMode.AUTO)).body.tool_choice).toBeUndefined();
    const one = encode(choose(ToolChoiceMode.TOOL, { toolName: 'g' }));
    expect([one.body.tool_choice, names(one.body), one.losses]).toEqual(['REQUIRED', ['g'], ['EMULATED tool_choice']]);
    const some = encode(choose(ToolChoiceMode.AUTO, { allowedToolNames: ['f'] }));
    expect([names(some.body), some.losses]).toEqual([['f'], ['EMULATED tool_choice']]);
  });

  it('are strict all together or not at all', () => {
    expect(encode({ tools: [tool('f', { strict: true })] }).body.strict_tools).toBe(true);
    const mixed = encode({ tools: [tool('f', { strict: true }), tool('g')] });
    expect([mixed.body.strict_tools, mixed.losses]).toEqual([undefined, ['DROPPED tools']]);
  });

  it('of other kinds are changed or left out, and it is said', () => {
    const { body, losses } = encode({
      parallelToolCalls: false,
      tools: [
        { ...tool('f', { parametersJsonSchema: '' }), cacheControl: {} },
        { kind: { case: 'custom', value: { name: 'c', formatJson: '{}' } } },
        { kind: { case: 'provider', value: { type: 'web_search', dialect: 'anthropic-messages' } } },
      ],
    });
    expect(body.tools).toMatchObject([
      { function: { name: 'f', parameters: { type: 'object', properties: {} } } },
      { function: { name: 'c', parameters: { required: ['input'] } } },
    ]);
    expect(losses).toEqual([
      'DROPPED parallel_tool_calls',
      'DROPPED tools[0].cache_control',
      'APPROXIMATED tools[1].custom',
      'DROPPED tools[1].custom.format_json',
      'DROPPED tools[2].provider',
    ]);
  });
});

describe('settings', () => {
  it('have the names of the format and stay within its bounds', () => {
    const { body, losses } = encode({
      maxOutputTokens: 9,
      temperature: 0.7,
      topP: 1,
      topK: 900,
      frequencyPenalty: -1,
      presencePenalty: 0.5,
      seed: 7n,
      stop: ['a', 'b', 'c', 'd', 'e', 'f'],
      logprobs: true,
    });
    expect(body).toMatchObject({
      max_tokens: 9,
      temperature: 0.7,
      p: 0.99,
      k: 500,
      frequency_penalty: 0,
      presence_penalty: 0.5,
      seed: 7,
      stop_sequences: ['a', 'b', 'c', 'd', 'e'],
      logprobs: true,
    });
    expect(losses).toEqual(['CLAMPED top_p', 'CLAMPED top_k', 'CLAMPED frequency_penalty', 'DROPPED stop[5]']);
    expect(encode({ seed: -1n }).losses).toEqual(['DROPPED seed']);
    expect(encode({ seed: 2n ** 62n + 1n }).losses).toEqual(['APPROXIMATED seed']);
  });

  it('ask for JSON, but in words beside tools or documents, and of schemas that are refused', () => {
    const held = '{"type":"object","required":["a"]}';
    const strict = { kind: { case: 'jsonSchema' as const, value: { name: 'f', schemaJson: held } } };
    expect(encode({ responseFormat: strict }).body.response_format).toEqual({
      type: 'json_object',
      json_schema: { type: 'object', required: ['a'] },
    });
    const loose = encode({ responseFormat: schema });
    expect(loose.body.response_format).toEqual({ type: 'json_object' });
    expect(loose.body.messages[0]).toMatchObject({
      role: 'system',
      content: expect.stringContaining('{"type":"object"}'),
    });
    expect(loose.losses.at(-1)).toBe('EMULATED response_format.json_schema');
    expect(encode({ responseFormat: { kind: { case: 'jsonObject', value: {} } } }).body.response_format).toEqual({
      type: 'json_object',
    });
    for (const more of [{ tools: [tool('f')] }, { messages: [user(say('a'), file('d', 'text/plain'))] }]) {
      const { body, losses } = encode({ responseFormat: schema, ...more });
      expect([body.response_format, losses.at(-1)]).toEqual([undefined, 'EMULATED response_format']);
      expect(body.messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('JSON Schema') });
    }
  });

  it('ask for thinking with a budget, where the model can', () => {
    const thinking = (reasoning: object, target = {}) => {
      const { body, losses } = encode({ reasoning }, target);
      return [body.thinking, losses];
    };
    expect(thinking({ budgetTokens: 5 })).toEqual([{ type: 'enabled', token_budget: 5 }, []]);
    expect(thinking({})).toEqual([{ type: 'enabled' }, []]);
    expect(thinking({ effort: ReasoningEffort.NONE })).toEqual([{ type: 'disabled' }, []]);
    expect(thinking({ budgetTokens: 0 })).toEqual([{ type: 'disabled' }, []]);
    expect(thinking({ effort: ReasoningEffort.LOW })).toEqual([
      { type: 'enabled', token_budget: 2048 },
      ['APPROXIMATED reasoning.effort'],
    ]);
    expect(thinking({ effort: ReasoningEffort.MAX })).toEqual([{ type: 'enabled' }, ['APPROXIMATED reasoning.effort']]);
    expect(thinking({ effort: ReasoningEffort.LOW }, PLANNER)).toEqual([undefined, ['DROPPED reasoning']]);
    expect(thinking({ effort: ReasoningEffort.NONE }, PLANNER)).toEqual([undefined, []]);
  });

  it('that the format has no place for are named, each', () => {
    const { losses } = encode({
      n: 2,
      topLogprobs: 2,
      logitBias: { 1: 2 },
      modalities: ['audio'],
      audioOutput: { voice: 'v' },
      verbosity: 1,
      prediction: [say('a')],
      serviceTier: 'flex',
      promptCacheKey: 'k',
      endUserId: 'u',
      store: true,
      reasoning: { includeThoughts: false, summary: 'auto' },
    });
    expect(losses.map((loss) => loss.replace('DROPPED ', ''))).toEqual([
      'n',
      'top_logprobs',
      'logit_bias',
      'modalities',
      'audio_output',
      'verbosity',
      'prediction',
      'service_tier',
      'prompt_cache_key',
      'end_user_id',
      'store',
      'reasoning.include_thoughts',
      'reasoning.summary',
    ]);
    expect(refusal(() => encode({ previousResponseId: 'r' })).reason).toBe('UNSUPPORTED_PARAMETER');
  });
});

describe('hostile requests', () => {
  const deep = `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`;

  it.each([
    ['a schema that is no JSON', { tools: [tool('f', { parametersJsonSchema: '{' })] }],
    ['a form that is no object', { responseFormat: { kind: { case: 'jsonSchema', value: { schemaJson: '[]' } } } }],
    [
      'a raw part that is no object',
      { messages: [user({ kind: { case: 'raw', value: { dialect: 'cohere', json: '1' } } })] },
    ],
  ])('are refused as such: %s', (_, init) => {
    expect(refusal(() => encode(init)).reason).toBe('INVALID_REQUEST');
  });

  it.each([
    ['a schema', { tools: [tool('f', { parametersJsonSchema: deep })] }],
    ['a result', { messages: [user(say('a')), message(Role.TOOL, result('1', say(deep)))] }],
  ])('are written or refused, where they are nested without end: %s', (_, init) => {
    try {
      encode(init);
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'SluiceError', reason: 'INVALID_REQUEST' });
    }
  });
});

describe('a body that a door gets', () => {
  const body = (more: object) => ({ model: 'm', messages: [{ role: 'user', content: 'a' }], ...more });

  it.each([
    ['model', { model: '' }],
    ['messages', { messages: [] }],
    ['messages[0].role', { messages: [{ role: 'chatbot', content: '' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 1 }] }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: '' }] }],
    ['messages[0].tool_calls[0].function', { messages: [{ role: 'assistant', tool_calls: [{ id: '1' }] }] }],
    ['tool_choice', { tool_choice: 'AUTO' }],
    ['p', { p: 2 }],
    ['k', { k: 1e300 }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
  ])('is refused with the place of what is wrong: %s', (param, more) => {
    expect(refusal(() => door.decodeRequest(body(more))).param).toBe(param);
  });

  it('keeps documents that are more than data as they are', () => {
    const entry = { type: 'document', document: { id: 'd', data: { a: 1 } } };
    const { generation } = door.decodeRequest(
      body({ messages: [{ role: 'tool', tool_call_id: '1', content: [entry] }] }),
    );
    expect(generation.messages[0]?.parts[0]?.kind.value).toMatchObject({
      parts: [{ kind: { case: 'raw', value: { dialect: 'cohere', json: JSON.stringify(entry) } } }],
    });
  });
});
