import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import { call, encode, hello, type Init, message, result, tools } from './build-request.ts';

describe('limits and sampling', () => {
  it('a missing limit is made up and named, with room for thoughts', () => {
    const none = { maxOutputTokens: undefined } as unknown as Init;
    expect(encode(none, { model: 'other' })).toMatchObject({
      body: { max_tokens: 4096 },
      losses: ['EMULATED max_output_tokens'],
    });
    const { body } = encode({ ...none, reasoning: { budgetTokens: 20_000 } }, { model: 'other' });
    expect(body).toMatchObject({ max_tokens: 24_096, thinking: { type: 'enabled', budget_tokens: 20_000 } });
  });

  it('sampling goes out as far as the model takes it', () => {
    const init = { temperature: 1.5, topP: 0.9, topK: 5 };
    expect(encode(init, { model: 'claude-3-haiku-20240307' }).body).toMatchObject({
      temperature: 1,
      top_p: 0.9,
      top_k: 5,
    });
    const both = encode({ ...init, temperature: 0.5 });
    expect(both.body).not.toHaveProperty('top_p');
    expect(both.losses).toEqual(['DROPPED top_p']);
    const none = encode({ ...init, temperature: 0.5 }, { model: 'claude-opus-4-7' });
    expect(none.losses).toEqual(['DROPPED temperature', 'DROPPED top_p', 'DROPPED top_k']);
    expect(Object.keys(none.body)).toEqual(['max_tokens', 'messages', 'model']);
  });

  it('what the format lacks is named, one warning each', () => {
    const { losses } = encode({
      n: 2,
      seed: 1n,
      logprobs: true,
      topLogprobs: 2,
      logitBias: { 1: 1 },
      frequencyPenalty: 1,
      presencePenalty: 1,
      promptCacheKey: 'k',
      store: true,
      stop: ['\n', 'END'],
      serviceTier: 'flex',
    });
    expect(losses.toSorted()).toEqual(
      [
        'frequency_penalty',
        'logit_bias',
        'logprobs',
        'n',
        'presence_penalty',
        'prompt_cache_key',
        'seed',
        'service_tier',
        'stop[0]',
        'store',
        'top_logprobs',
      ].map((field) => `DROPPED ${field}`),
    );
    expect(encode({ stop: ['\n', 'END'] }).body.stop_sequences).toEqual(['END']);
  });
});

describe('thinking', () => {
  const high = { reasoning: { effort: ReasoningEffort.HIGH } };

  it('is a budget below the limit for models of that kind, an effort for adaptive ones', () => {
    expect(encode(high).body.thinking).toEqual({ type: 'enabled', budget_tokens: 8999 });
    expect(encode(high, { model: 'claude-opus-4-6' }).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    const budget = encode({ reasoning: { budgetTokens: 2000 } }, { model: 'claude-sonnet-5' });
    expect(budget).toMatchObject({
      body: { output_config: { effort: 'low' } },
      losses: ['APPROXIMATED reasoning.budget_tokens'],
    });
  });

  it.each([
    ['a tool must be called', { tools, toolChoice: { mode: ToolChoiceMode.REQUIRED } }],
    ['there is no room for it', { maxOutputTokens: 100 }],
    [
      'a turn with calls has lost its thoughts',
      { tools, messages: [hello, message(Role.ASSISTANT, call('c')), message(Role.TOOL, result('c'))] },
    ],
  ])('is left out with a warning where %s', (_, init) => {
    const { body, losses } = encode({ ...high, ...init } as Init);
    expect(body.thinking).toBeUndefined();
    expect(losses).toEqual(['DROPPED reasoning']);
  });

  it('turned off is said where it can be, and approximated where the model always thinks', () => {
    const off = { reasoning: { effort: ReasoningEffort.NONE } };
    expect(encode(off).body.thinking).toEqual({ type: 'disabled' });
    expect(encode(off, { model: 'claude-3-5-sonnet-latest' }).body.thinking).toBeUndefined();
    expect(encode(off, { model: 'claude-fable-5' })).toMatchObject({
      body: { output_config: { effort: 'low' } },
      losses: ['APPROXIMATED reasoning'],
    });
  });

  it('takes sampling away, and says so', () => {
    const { body, losses } = encode({ ...high, temperature: 0.2, topK: 3 });
    expect(body).not.toHaveProperty('temperature');
    expect(losses).toEqual(expect.arrayContaining(['DROPPED temperature', 'DROPPED top_k']));
  });
});

describe('tools and forms of answers', () => {
  it.each([
    [{ mode: ToolChoiceMode.AUTO }, { type: 'auto' }],
    [{ mode: ToolChoiceMode.REQUIRED }, { type: 'any' }],
    [{ mode: ToolChoiceMode.NONE }, { type: 'none' }],
    [
      { mode: ToolChoiceMode.TOOL, toolName: 'f' },
      { type: 'tool', name: 'f' },
    ],
  ])('a choice %j is %j', (toolChoice, wanted) => {
    expect(encode({ tools, toolChoice }).body.tool_choice).toEqual(wanted);
  });

  it('one call at a time is asked for, and only allowed tools are sent', () => {
    expect(encode({ tools, parallelToolCalls: false }).body.tool_choice).toEqual({
      type: 'auto',
      disable_parallel_tool_use: true,
    });
    const two = [...tools, { kind: { case: 'function' as const, value: { name: 'g' } } }];
    const narrowed = encode({ tools: two, toolChoice: { mode: ToolChoiceMode.AUTO, allowedToolNames: ['g'] } });
    expect(narrowed.body.tools).toEqual([{ name: 'g', input_schema: { type: 'object', properties: {} } }]);
    expect(narrowed.losses).toEqual(['EMULATED tool_choice.allowed_tool_names']);
  });

  const schemaJson = '{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}';
  const jsonSchema = { responseFormat: { kind: { case: 'jsonSchema' as const, value: { name: 'x', schemaJson } } } };

  it('a schema is held to natively, with bounds that are refused told in words', () => {
    const { body, losses } = encode(jsonSchema);
    expect(body.output_config.format).toEqual({
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { n: { type: 'integer', description: '(minimum: 1)' } },
        additionalProperties: false,
      },
    });
    expect(losses).toEqual(['APPROXIMATED response_format.json_schema.schema_json']);
  });

  it.each([
    ['the provider lacks that', { quirks: { noStructuredOutput: true } }],
    ['the model does', { model: 'claude-3-5-haiku-latest' }],
  ])('or is that of a tool which must be called, where %s', (_, target) => {
    const { body, losses } = encode(jsonSchema, target);
    expect(body.tool_choice).toMatchObject({ type: 'tool', name: body.tools[0].name });
    expect(body.tools[0].input_schema).toEqual(JSON.parse(schemaJson));
    expect(losses).toEqual(['EMULATED response_format.json_schema']);
    const more = encode({ ...jsonSchema, tools }, target).body;
    expect(more.tools.map(({ name }: JsonObject) => name)).toEqual(['f', body.tools[0].name]);
    expect(more.tool_choice.type).toBe('any');
  });

  it('any JSON is asked for in words', () => {
    const { body, losses } = encode({ responseFormat: { kind: { case: 'jsonObject', value: {} } } });
    expect(body.system).toMatch(/JSON/);
    expect(losses).toEqual(['EMULATED response_format']);
  });
});
