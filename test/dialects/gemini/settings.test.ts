import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../../gen/sluice/v1/decision_pb.ts';
import { ReasoningEffort, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { fieldsOf, said, send } from './drive.ts';

const user = (text: string) => ({ role: Role.USER, parts: [said(text)] });
const schemaFormat = (schema: object, more: object = {}) => ({
  kind: { case: 'jsonSchema' as const, value: { name: '', schemaJson: JSON.stringify(schema), ...more } },
});
const functionTool = (name: string, schema?: object, more: object = {}) => ({
  kind: {
    case: 'function' as const,
    value: { name, ...(schema && { parametersJsonSchema: JSON.stringify(schema) }), ...more },
  },
});

describe('tools', () => {
  it('keep their schemas as JSON Schema, without what Google does not know', () => {
    const schema = {
      $schema: 'x',
      type: 'object',
      properties: {
        a: { type: 'string', pattern: '^a', default: 'a' },
        b: { const: 'x' },
        c: { $ref: '#/definitions/C', description: 'lost' },
        default: { allOf: [{ type: ['integer', 'null'] }] },
        e: { type: 'array', items: [{ type: 'string', minLength: 1 }] },
      },
      definitions: { C: { type: 'number', exclusiveMinimum: 0 } },
      additionalProperties: false,
    };
    const sent = send({
      messages: [user('Hi')],
      tools: [functionTool('f', schema, { strict: true }), functionTool('g')],
    });
    expect(sent.body['tools']).toEqual([
      {
        functionDeclarations: [
          {
            name: 'f',
            parametersJsonSchema: {
              type: 'object',
              properties: {
                a: { type: 'string' },
                b: { enum: ['x'] },
                c: { $ref: '#/$defs/C' },
                default: { type: ['integer', 'null'] },
                e: { type: 'array', prefixItems: [{ type: 'string' }] },
              },
              additionalProperties: false,
              $defs: { C: { type: 'number' } },
            },
          },
          { name: 'g', parametersJsonSchema: { type: 'object', properties: {} } },
        ],
      },
    ]);
    expect(sent.warnings).toMatchObject([
      { code: WarningCode.DROPPED, field: 'generation.tools[0].function.strict' },
      { code: WarningCode.APPROXIMATED, field: 'generation.tools[0].function.parameters_json_schema' },
    ]);
    expect(sent.warnings[1]?.message).toMatch(/pattern, default, description, minLength, exclusiveMinimum/);
  });

  it('of other kinds are emulated, sent, or dropped, each with its reason', () => {
    const sent = send({
      messages: [user('Hi')],
      tools: [
        { kind: { case: 'custom', value: { name: 'c', formatJson: '{}' } } },
        { kind: { case: 'provider', value: { type: 'googleSearch', dialect: 'gemini' } } },
        { kind: { case: 'provider', value: { type: 'web_search', dialect: 'openai-responses' } } },
      ],
    });
    expect(sent.body['tools']).toMatchObject([{ functionDeclarations: [{ name: 'c' }] }, { googleSearch: {} }]);
    expect(fieldsOf(sent)).toEqual([
      'generation.tools[0].custom',
      'generation.tools[0].custom.format_json',
      'generation.tools[2].provider',
    ]);
  });

  it.each([
    [{ mode: ToolChoiceMode.AUTO }, { mode: 'AUTO' }],
    [{ mode: ToolChoiceMode.REQUIRED }, { mode: 'ANY' }],
    [{ mode: ToolChoiceMode.NONE, allowedToolNames: ['f'] }, { mode: 'NONE' }],
    [
      { mode: ToolChoiceMode.TOOL, toolName: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { mode: ToolChoiceMode.AUTO, allowedToolNames: ['f'] },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
  ])('are chosen: %j', (toolChoice, functionCallingConfig) => {
    const sent = send({ messages: [user('Hi')], tools: [functionTool('f')], toolChoice });
    expect(sent.body['toolConfig']).toEqual({ functionCallingConfig });
    expect(sent.warnings).toEqual([]);
  });

  it('are not chosen where there is nothing to choose from, because that is refused', () => {
    const none = send({ messages: [user('Hi')], toolChoice: { mode: ToolChoiceMode.REQUIRED } });
    expect(none.body['toolConfig']).toBeUndefined();
    expect(fieldsOf(none)).toEqual(['generation.tool_choice']);
    const unknown = { mode: ToolChoiceMode.TOOL, toolName: 'nobody' };
    const wrong = send({ messages: [user('Hi')], tools: [functionTool('f')], toolChoice: unknown });
    expect(wrong.body['toolConfig']).toBeUndefined();
    expect(fieldsOf(wrong)).toEqual(['generation.tool_choice']);
  });
});

describe('settings', () => {
  const config = (init: object, name = 'gemini-3-flash-preview') => {
    const sent = send({ messages: [user('Hi')], ...init }, { model: name });
    return {
      config: sent.body['generationConfig'],
      fields: fieldsOf(sent),
      codes: sent.warnings.map(({ code }) => code),
    };
  };

  it('are kept within the bounds of the format, with a warning', () => {
    expect(config({ n: 20, stop: ['1', '2', '3', '4', '5', '6'], seed: 2n ** 40n + 5n })).toEqual({
      config: { candidateCount: 8, stopSequences: ['1', '2', '3', '4', '5'], seed: 5 },
      fields: ['generation.n', 'generation.stop', 'generation.seed'],
      codes: [WarningCode.CLAMPED, WarningCode.CLAMPED, WarningCode.APPROXIMATED],
    });
  });

  it('that the format has no word for are dropped, each by its name', () => {
    const { fields } = config({
      parallelToolCalls: false,
      logitBias: { '1': 2 },
      verbosity: Verbosity.LOW,
      prediction: [said('x')],
      promptCacheKey: 'k',
      endUserId: 'u',
      store: true,
      serviceTier: 'scale',
      audioOutput: { voice: 'alloy', format: 'mp3' },
    });
    expect(fields).toEqual([
      'generation.parallel_tool_calls',
      'generation.logit_bias',
      'generation.verbosity',
      'generation.prediction',
      'generation.prompt_cache_key',
      'generation.end_user_id',
      'generation.store',
      'generation.audio_output.format',
      'generation.audio_output.voice',
      'generation.service_tier',
    ]);
  });

  it('a schema takes name and description of the format', () => {
    const format = schemaFormat({ type: 'object' }, { name: 'weather', description: 'Of today' });
    expect(config({ responseFormat: format })).toEqual({
      config: {
        responseMimeType: 'application/json',
        responseJsonSchema: { title: 'weather', description: 'Of today', type: 'object' },
      },
      fields: [],
      codes: [],
    });
  });

  it.each([
    ['gemini-3-flash-preview', { effort: ReasoningEffort.MEDIUM }, { thinkingLevel: 'MEDIUM' }, []],
    ['gemini-3-flash-preview', { effort: ReasoningEffort.NONE }, { thinkingLevel: 'MINIMAL' }, ['effort']],
    ['gemini-3-pro-preview', { effort: ReasoningEffort.MEDIUM }, { thinkingLevel: 'HIGH' }, ['effort']],
    ['gemini-3.1-pro-preview', { effort: ReasoningEffort.MAX }, { thinkingLevel: 'HIGH' }, ['effort']],
    ['gemini-3.1-pro-preview', { budgetTokens: 5 }, { thinkingBudget: 5 }, []],
    [
      'gemini-3.1-pro-preview',
      { effort: ReasoningEffort.LOW, budgetTokens: 5 },
      { thinkingLevel: 'LOW' },
      ['budget_tokens'],
    ],
    ['gemini-2.5-flash', { effort: ReasoningEffort.NONE }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-pro', { effort: ReasoningEffort.NONE }, { thinkingBudget: 128 }, ['effort']],
    ['gemini-2.5-pro', { effort: ReasoningEffort.HIGH }, { thinkingBudget: 24_576 }, ['effort']],
    ['gemini-2.5-pro', { budgetTokens: 99_999 }, { thinkingBudget: 32_768 }, ['budget_tokens']],
    ['gemini-2.5-flash', { includeThoughts: true }, { includeThoughts: true }, []],
    ['gemini-2.5-flash', { summary: 'auto' }, { includeThoughts: true }, []],
  ])('%s thinks as asked: %j', (name, reasoning, thinkingConfig, fields) => {
    expect(config({ reasoning }, name)).toMatchObject({
      config: { thinkingConfig },
      fields: fields.map((field) => `generation.reasoning.${field}`),
    });
  });

  it('a model that does not think is not asked to', () => {
    expect(config({ reasoning: { effort: ReasoningEffort.LOW } }, 'gemini-2.0-flash')).toMatchObject({
      config: undefined,
      fields: ['generation.reasoning'],
    });
  });
});
