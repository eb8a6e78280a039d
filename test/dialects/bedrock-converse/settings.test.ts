import { describe, expect, it } from 'vitest';
import { CacheTtl, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { refusal } from '../support/drive.ts';
import { assistant, CLAUDE, call, encode, message, result, say, tool, user } from './drive.ts';

const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const NOVA = 'amazon.nova-pro-v1:0';
const MISTRAL = 'mistral.mistral-large-2407-v1:0';
const schema = { kind: { case: 'jsonSchema', value: { name: 'n', schemaJson: '{"properties":{"a":{}}}' } } };

describe('marks of what to keep', () => {
  const mark = (ttl: CacheTtl = CacheTtl.CACHE_TTL_UNSPECIFIED) => ({ cacheControl: { ttl } });

  it('are points behind what they mark, at most four, the last ones', () => {
    const parts = [1, 2, 3, 4, 5].map((n) => ({
      ...say(`${n}`),
      ...mark(n === 5 ? CacheTtl.CACHE_TTL_24H : undefined),
    }));
    const { body, losses } = encode({ messages: [user(...parts)], tools: [{ ...tool('f'), ...mark() }] });
    expect(body.toolConfig.tools).toHaveLength(1);
    const point = { cachePoint: { type: 'default' } };
    expect(body.messages[0].content).toEqual([
      { text: '1' },
      { text: '2' },
      point,
      { text: '3' },
      point,
      { text: '4' },
      point,
      { text: '5' },
      point,
    ]);
    expect(losses).toEqual([
      'CLAMPED messages[0].parts[4].cache_control.ttl',
      'DROPPED messages.parts.cache_control',
      'CLAMPED messages.parts.cache_control.ttl',
    ]);
  });

  it('for an hour stand before those for less', () => {
    const hour = { ...say('a'), ...mark(CacheTtl.CACHE_TTL_1H) };
    const { body, losses } = encode({ messages: [user(hour, { ...say('b'), ...mark() })] });
    expect(
      body.messages[0].content.map(({ cachePoint }: { cachePoint?: { ttl?: string } }) => cachePoint?.ttl),
    ).toEqual([undefined, '1h', undefined, undefined]);
    expect(losses).toEqual([]);
  });

  it('are named as losses where the model keeps nothing, not there, or not so long', () => {
    const init = {
      messages: [user({ ...say('a'), ...mark(CacheTtl.CACHE_TTL_1H) })],
      tools: [{ ...tool('f'), ...mark() }],
    };
    expect(encode(init, { model: LLAMA }).losses).toEqual([
      'DROPPED tools[0].cache_control',
      'DROPPED messages[0].parts[0].cache_control',
    ]);
    const nova = encode(init, { model: NOVA });
    expect(nova.losses).toEqual(['DROPPED tools[0].cache_control', 'CLAMPED messages[0].parts[0].cache_control.ttl']);
    expect(nova.body.messages[0].content[1]).toEqual({ cachePoint: { type: 'default' } });
  });
});

describe('tools', () => {
  const choose = (mode: ToolChoiceMode, more = {}) => ({ toolChoice: { mode, ...more } });
  const names = (body: { toolConfig?: { tools: { toolSpec: { name: string } }[] } }) =>
    body.toolConfig?.tools.map(({ toolSpec }) => toolSpec.name);

  it('have schemas of objects, and names that are not that of the JSON tool', () => {
    const { body } = encode({ tools: [tool('f', ''), tool('json', '{"properties":{}}'), tool('json_')] });
    expect(body.toolConfig.tools.map(({ toolSpec }: { toolSpec: object }) => toolSpec)).toEqual([
      { name: 'f', inputSchema: { json: { type: 'object', properties: {} } } },
      { name: 'json_', inputSchema: { json: { type: 'object', properties: {} } } },
      { name: 'json__', inputSchema: { json: { type: 'object' } } },
    ]);
  });

  it('are left out where calls are forbidden, but not from a conversation that has some', () => {
    const none = choose(ToolChoiceMode.NONE);
    const left = encode({ tools: [tool('f')], ...none });
    expect([left.body.toolConfig, left.losses]).toEqual([undefined, ['EMULATED tool_choice']]);
    const messages = [user(say('a')), assistant(call('1')), message(Role.TOOL, result('1', say('b')))];
    const kept = encode({ messages, tools: [tool('f')], ...none });
    expect([names(kept.body), kept.losses]).toEqual([['f'], ['APPROXIMATED tool_choice']]);
  });

  it('of earlier calls are named where none are given, because calls are refused without', () => {
    const messages = [user(say('a')), assistant(call('1', 'old')), message(Role.TOOL, result('1', say('b')))];
    const { body, losses } = encode({ messages });
    expect([names(body), losses]).toEqual([['old'], ['EMULATED tools']]);
  });

  it('are chosen in the words that the model knows', () => {
    const tools = [tool('f'), tool('g')];
    const one = { tools, ...choose(ToolChoiceMode.TOOL, { toolName: 'g' }) };
    expect(encode(one).body.toolConfig.toolChoice).toEqual({ tool: { name: 'g' } });
    const forced = encode(one, { model: MISTRAL });
    expect(forced.body.toolConfig).toMatchObject({ toolChoice: { any: {} } });
    expect([names(forced.body), forced.losses]).toEqual([['g'], ['EMULATED tool_choice']]);
    const free = encode(one, { model: LLAMA });
    expect([free.body.toolConfig.toolChoice, free.losses]).toEqual([undefined, ['APPROXIMATED tool_choice']]);
    const some = encode({ tools, ...choose(ToolChoiceMode.AUTO, { allowedToolNames: ['f'] }) });
    expect([names(some.body), some.losses]).toEqual([['f'], ['EMULATED tool_choice.allowed_tool_names']]);
  });

  it('that are chosen and not there leave the others, never an empty list', () => {
    const { body } = encode(
      { tools: [tool('f', '{"type":"string"}')], ...choose(ToolChoiceMode.TOOL, { toolName: 'x' }) },
      { model: MISTRAL },
    );
    expect(body.toolConfig.tools).toMatchObject([{ toolSpec: { inputSchema: { json: { type: 'object' } } } }]);
  });

  it('that answer nothing are sent with an empty object', () => {
    const messages = [user(say('a')), assistant(call('1')), message(Role.TOOL, result('1', say(' ')))];
    const { body, losses } = encode({ messages, tools: [tool('f')] });
    expect(body.messages[2].content[0].toolResult.content).toEqual([{ json: {} }]);
    expect(losses).toContain('EMULATED messages[2].parts[0].tool_result.parts');
  });

  it('of other kinds are changed or left out, and it is said', () => {
    const { body, losses } = encode({
      parallelToolCalls: false,
      tools: [
        { kind: { case: 'custom', value: { name: 'c', formatJson: '{}' } } },
        { kind: { case: 'provider', value: { type: 'web_search', dialect: 'openai-responses' } } },
        { kind: { case: 'function', value: { name: 's', strict: true } } },
      ],
    });
    expect(names(body)).toEqual(['c', 's']);
    expect(losses).toEqual([
      'DROPPED parallel_tool_calls',
      'APPROXIMATED tools[0].custom',
      'DROPPED tools[0].custom.format_json',
      'DROPPED tools[1].provider',
      'DROPPED tools[2].function.strict',
    ]);
  });
});

describe('an answer in JSON', () => {
  it('is asked for as the input of a tool that must be called', () => {
    const { body, losses } = encode({ responseFormat: schema });
    expect(body.toolConfig).toMatchObject({
      tools: [{ toolSpec: { name: 'json', inputSchema: { json: { type: 'object', properties: { a: {} } } } } }],
      toolChoice: { tool: { name: 'json' } },
    });
    expect(losses).toEqual(['EMULATED response_format.json_schema']);
  });

  it('leaves the model its other tools', () => {
    const { body } = encode({ responseFormat: schema, tools: [tool('f')] });
    expect(body.toolConfig).toMatchObject({ toolChoice: { any: {} }, tools: [{}, { toolSpec: { name: 'json' } }] });
  });

  it('gives way to a call that is asked for', () => {
    const toolChoice = { mode: ToolChoiceMode.REQUIRED };
    const { body, losses } = encode({ responseFormat: schema, tools: [tool('f')], toolChoice });
    expect(body.toolConfig.tools).toHaveLength(1);
    expect(losses).toEqual(['DROPPED response_format.json_schema']);
  });

  it('without a schema is asked for in words', () => {
    const { body, losses } = encode({ responseFormat: { kind: { case: 'jsonObject', value: {} } } });
    expect(body.system[0].text).toMatch('one JSON object');
    expect(losses).toEqual(['EMULATED response_format']);
  });
});

describe('thinking', () => {
  const effort = (word: ReasoningEffort) => ({ reasoning: { effort: word } });
  const fields = (init: object, model = CLAUDE) => {
    const { body, losses } = encode(init, { model });
    return [body.additionalModelRequestFields, losses];
  };

  it('has a budget within the limit at a Claude that takes one, and no sampling beside it', () => {
    const { body, losses } = encode({ reasoning: { budgetTokens: 2000 }, temperature: 0.5, topK: 3 });
    expect(body.additionalModelRequestFields).toEqual({ thinking: { type: 'enabled', budget_tokens: 2000 } });
    expect(body.inferenceConfig).toEqual({ maxTokens: 6096 });
    expect(losses).toEqual(['DROPPED temperature', 'DROPPED top_k']);
    expect(fields({ reasoning: { budgetTokens: 9000 }, maxOutputTokens: 3000 })).toEqual([
      { thinking: { type: 'enabled', budget_tokens: 2999 } },
      ['CLAMPED reasoning.budget_tokens'],
    ]);
    expect(fields({ ...effort(ReasoningEffort.LOW), maxOutputTokens: 500 })).toEqual([
      undefined,
      ['APPROXIMATED reasoning.effort', 'DROPPED reasoning'],
    ]);
  });

  it('is adaptive at newer ones, an effort at OpenAI’s, a setting at Nova’s', () => {
    const high = effort(ReasoningEffort.HIGH);
    expect(fields(high, 'anthropic.claude-opus-4-7')).toEqual([
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      [],
    ]);
    expect(fields(high, 'openai.gpt-oss-120b-1:0')).toEqual([{ reasoning_effort: 'high' }, []]);
    expect(fields(high, 'us.amazon.nova-2-lite-v1:0')).toEqual([
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
      [],
    ]);
    expect(fields({ ...high, maxOutputTokens: 5 }, 'us.amazon.nova-2-lite-v1:0')[1]).toEqual([
      'APPROXIMATED reasoning.effort',
    ]);
    expect(fields(high, LLAMA)).toEqual([undefined, ['DROPPED reasoning']]);
  });

  it('gives way to a tool that must be called, and to calls whose thoughts are not at hand', () => {
    const must = { tools: [tool('f')], toolChoice: { mode: ToolChoiceMode.REQUIRED } };
    expect(fields({ ...effort(ReasoningEffort.LOW), ...must })).toEqual([undefined, ['DROPPED reasoning']]);
    const messages = [user(say('a')), assistant(call('1')), message(Role.TOOL, result('1', say('b')))];
    expect(fields({ ...effort(ReasoningEffort.LOW), tools: [tool('f')], messages })).toEqual([
      undefined,
      ['DROPPED reasoning'],
    ]);
  });

  it('that is turned off is not asked for', () => {
    expect(fields(effort(ReasoningEffort.NONE))).toEqual([undefined, []]);
    expect(fields(effort(ReasoningEffort.NONE), 'openai.gpt-5')[1]).toEqual(['APPROXIMATED reasoning']);
  });
});

describe('settings', () => {
  it('go where each model takes them, within its bounds', () => {
    const init = { temperature: 1.5, topK: 7, stop: ['END', ' '], maxOutputTokens: 9, serviceTier: 'flex' };
    const claude = encode(init);
    expect(claude.body).toMatchObject({
      inferenceConfig: { maxTokens: 9, temperature: 1, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 7 },
      additionalModelResponseFieldPaths: ['/delta/stop_sequence'],
      serviceTier: { type: 'flex' },
    });
    expect(claude.losses).toEqual(['DROPPED stop[1]', 'CLAMPED temperature']);
    expect(encode(init, { model: NOVA }).body.additionalModelRequestFields).toEqual({ inferenceConfig: { topK: 7 } });
    expect(encode(init, { model: LLAMA }).losses).toContain('DROPPED top_k');
    expect(encode(init, { model: 'openai.gpt-5.4' }).losses).toEqual([
      'DROPPED stop',
      'CLAMPED temperature',
      'DROPPED top_k',
    ]);
    expect(encode({ temperature: 0.1, topP: 0.2 }).losses).toEqual(['DROPPED top_p']);
    expect(encode({ temperature: 0.1 }, { model: 'anthropic.claude-opus-4-7' }).losses).toEqual([
      'DROPPED temperature',
    ]);
  });

  it('that the format has no place for are named, each', () => {
    const { losses } = encode({
      frequencyPenalty: 1,
      presencePenalty: 1,
      seed: 1n,
      n: 2,
      logprobs: true,
      topLogprobs: 2,
      logitBias: { 1: 2 },
      modalities: ['audio'],
      audioOutput: { voice: 'v' },
      verbosity: 1,
      prediction: [say('a')],
      promptCacheKey: 'k',
      endUserId: 'u',
      store: true,
      serviceTier: 'scale',
    });
    expect(losses.map((loss) => loss.replace('DROPPED ', '')).sort()).toEqual(
      [
        'frequency_penalty',
        'presence_penalty',
        'seed',
        'n',
        'logprobs',
        'top_logprobs',
        'logit_bias',
        'modalities',
        'audio_output',
        'verbosity',
        'prediction',
        'prompt_cache_key',
        'end_user_id',
        'store',
        'service_tier',
      ].sort(),
    );
  });

  it('of a stored conversation are refused: what they name would be missing', () => {
    expect(refusal(() => encode({ previousResponseId: 'r' })).reason).toBe('UNSUPPORTED_PARAMETER');
  });
});
