import type { MessageInitShape } from '@bufbuild/protobuf';
import { CacheTtl, Role } from '../../gen/sluice/v1/content_pb.ts';
import { type GenerationSchema, ReasoningEffort, Verbosity } from '../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../gen/sluice/v1/tool_pb.ts';

// Every member of a request that a caller can set, each with a value that is found again in the text of a body.

/** One member, set in an otherwise plain request. */
export interface Field {
  /** Its path in the canonical request. */
  readonly path: string;
  /** Tells it from others of the same path. */
  readonly as?: string;
  readonly init: object;
  /** What of it must stand in the body, as JSON text, unless a warning names it. */
  readonly trace: RegExp;
}

type Init = MessageInitShape<typeof GenerationSchema>;

const text = (value: string) => ({ kind: { case: 'text' as const, value: { text: value } } });
export const HELLO = { role: Role.USER, parts: [text('Hello')] };
const weather = {
  kind: { case: 'function' as const, value: { name: 'weather', parametersJsonSchema: '{"type":"object"}' } },
};
const setting = (path: keyof Init & string, value: unknown, trace: RegExp, as?: string): Field => ({
  path: `generation.${path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
  init: { [path]: value },
  trace,
  ...(as !== undefined && { as }),
});

const SETTINGS: readonly Field[] = [
  setting('maxOutputTokens', 4321, /4321/),
  setting('temperature', 0.4321, /0\.4321/),
  setting('temperature', 1.4321, /1\.4321/, 'high'),
  setting('topP', 0.4321, /0\.4321/),
  setting('topK', 43, /43/),
  setting('frequencyPenalty', 0.4321, /0\.4321/),
  setting('frequencyPenalty', -0.4321, /-0\.4321/, 'negative'),
  setting('presencePenalty', 0.4321, /0\.4321/),
  setting('presencePenalty', -0.4321, /-0\.4321/, 'negative'),
  setting('seed', 4321n, /4321/),
  setting('seed', 2n ** 60n + 1n, /1152921504606846977/, 'long'),
  setting('stop', ['HALT-4321'], /HALT-4321/),
  setting(
    'stop',
    Array.from({ length: 7 }, (_, at) => `HALT-${at}`),
    /HALT-6/,
    'seven',
  ),
  setting('n', 3, /"(?:n|candidateCount)":3/),
  setting('logprobs', true, /logprobs/i),
  setting('logitBias', { '4321': 7 }, /4321/),
  setting('modalities', ['text', 'audio'], /"audio"/i),
  setting('verbosity', Verbosity.LOW, /"low"/i),
  setting('prediction', [text('guess-4321')], /guess-4321/),
  setting('serviceTier', 'flex', /"flex"/),
  setting('serviceTier', 'tier-4321', /tier-4321/, 'unknown'),
  setting('promptCacheKey', 'key-4321', /key-4321/),
  setting('endUserId', 'user-4321', /user-4321/),
  setting('store', true, /"store":true/),
  { path: 'generation.top_logprobs', init: { logprobs: true, topLogprobs: 17 }, trace: /17/ },
  { path: 'generation.audio_output.voice', init: { audioOutput: { voice: 'voice-4321' } }, trace: /voice-4321/ },
  {
    path: 'generation.audio_output.format',
    init: { modalities: ['audio'], audioOutput: { voice: 'v', format: 'flac' } },
    trace: /flac/,
  },
  {
    path: 'generation.reasoning.effort',
    init: { reasoning: { effort: ReasoningEffort.HIGH }, maxOutputTokens: 60_000 },
    trace: /"high"/i,
  },
  {
    path: 'generation.reasoning.effort',
    as: 'none',
    init: { reasoning: { effort: ReasoningEffort.NONE } },
    trace: /"none"|"disabled"|"thinkingBudget":0/,
  },
  {
    path: 'generation.reasoning.effort',
    as: 'with tools forced',
    init: {
      reasoning: { effort: ReasoningEffort.HIGH },
      tools: [weather],
      toolChoice: { mode: ToolChoiceMode.REQUIRED },
      maxOutputTokens: 60_000,
    },
    trace: /"high"/i,
  },
  {
    path: 'generation.reasoning.budget_tokens',
    init: { reasoning: { budgetTokens: 4321 }, maxOutputTokens: 60_000 },
    trace: /4321/,
  },
  {
    path: 'generation.reasoning.include_thoughts',
    init: { reasoning: { effort: ReasoningEffort.HIGH, includeThoughts: false }, maxOutputTokens: 60_000 },
    trace: /"includeThoughts":false|"omitted"|"exclude"/,
  },
  {
    path: 'generation.reasoning.summary',
    init: { reasoning: { effort: ReasoningEffort.HIGH, summary: 'concise' }, maxOutputTokens: 60_000 },
    trace: /"concise"/,
  },
  ...(['jsonObject', 'jsonSchema'] as const).map((kind) => ({
    path: 'generation.response_format',
    as: kind,
    init: {
      responseFormat: {
        kind: { case: kind, value: kind === 'jsonSchema' ? { name: 'f', schemaJson: '{"type":"object"}' } : {} },
      },
    },
    trace: /json/i,
  })),
  ...(
    [
      ['name', { name: 'name-4321', schemaJson: '{"type":"object"}' }, /name-4321/],
      ['description', { name: 'f', description: 'told-4321', schemaJson: '{"type":"object"}' }, /told-4321/],
      ['schema_json', { name: 'f', schemaJson: '{"type":"object","title":"title-4321"}' }, /title-4321/],
      ['strict', { name: 'f', schemaJson: '{"type":"object"}', strict: true }, /"strict":true/],
    ] as const
  ).map(([member, value, trace]) => ({
    path: `generation.response_format.json_schema.${member}`,
    init: { responseFormat: { kind: { case: 'jsonSchema', value } } },
    trace,
  })),
];

const TOOLS: readonly Field[] = [
  ...(
    [
      ['function.name', { case: 'function', value: { name: 'name-4321' } }, /name-4321/],
      ['function.description', { case: 'function', value: { name: 'f', description: 'told-4321' } }, /told-4321/],
      [
        'function.parameters_json_schema',
        { case: 'function', value: { name: 'f', parametersJsonSchema: '{"type":"object","title":"title-4321"}' } },
        /title-4321/,
      ],
      ['function.strict', { case: 'function', value: { name: 'f', strict: true } }, /"strict(?:_tools)?":true/],
      [
        'custom',
        { case: 'custom', value: { name: 'name-4321' } },
        /"type":"custom","(?:custom":\{")?name":"name-4321"/,
      ],
      ['custom.description', { case: 'custom', value: { name: 'f', description: 'told-4321' } }, /told-4321/],
      ['custom.format_json', { case: 'custom', value: { name: 'f', formatJson: '{"type":"form-4321"}' } }, /form-4321/],
      ['provider', { case: 'provider', value: { type: 'type-4321', dialect: 'elsewhere' } }, /type-4321/],
      ['provider', { case: 'provider', value: { type: 'type-4321', name: 'n' } }, /type-4321/],
    ] as const
  ).map(([member, kind, trace], at) => ({
    path: `generation.tools[0].${member}`,
    as: String(at),
    init: { tools: [{ kind }] },
    trace,
  })),
  {
    path: 'generation.tools[0].cache_control',
    init: { tools: [{ ...weather, cacheControl: { ttl: CacheTtl.CACHE_TTL_1H } }] },
    trace: /"1h"/,
  },
  {
    path: 'generation.tool_choice',
    as: 'required',
    init: { tools: [weather], toolChoice: { mode: ToolChoiceMode.REQUIRED } },
    trace: /"required"|"any"|"ANY"|"REQUIRED"/,
  },
  {
    path: 'generation.tool_choice',
    as: 'none',
    init: { tools: [weather], toolChoice: { mode: ToolChoiceMode.NONE } },
    trace: /"none"/i,
  },
  {
    path: 'generation.tool_choice',
    as: 'required, no tools',
    init: { toolChoice: { mode: ToolChoiceMode.REQUIRED } },
    trace: /"required"|"any"|"ANY"|"REQUIRED"/,
  },
  {
    path: 'generation.tool_choice',
    as: 'absent tool',
    init: { tools: [weather], toolChoice: { mode: ToolChoiceMode.TOOL, toolName: 'gone-4321' } },
    trace: /gone-4321/,
  },
  {
    path: 'generation.tool_choice',
    as: 'one tool of two',
    init: {
      tools: [weather, { kind: { case: 'function', value: { name: 'other-4321' } } }],
      toolChoice: { mode: ToolChoiceMode.TOOL, toolName: 'weather' },
    },
    trace: /"(?:name|tool_name)":"weather"[\s\S]*"name":"weather"|"allowedFunctionNames":\["weather"\]/,
  },
  {
    path: 'generation.tool_choice.allowed_tool_names',
    init: {
      tools: [weather, { kind: { case: 'function', value: { name: 'other-4321' } } }],
      toolChoice: { mode: ToolChoiceMode.AUTO, allowedToolNames: ['weather'] },
    },
    trace: /allowed_tools|"allowedFunctionNames":\["weather"\]/,
  },
  {
    path: 'generation.parallel_tool_calls',
    init: { tools: [weather], parallelToolCalls: false },
    trace: /"parallel_tool_calls":false|"disable_parallel_tool_use":true/,
  },
];

export const FIELDS: readonly Field[] = [...SETTINGS, ...TOOLS];
