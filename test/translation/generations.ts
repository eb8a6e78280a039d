import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { CacheTtl, Role } from '../../gen/sluice/v1/content_pb.ts';
import {
  type Generation,
  GenerationSchema,
  type ReasoningEffort,
  Verbosity,
} from '../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../gen/sluice/v1/tool_pb.ts';
import { CHAT_DIALECTS } from '../../server/dialects/dialect.ts';

// Requests of every kind that the contract allows, sensible and hostile, in no provider's order.

const HOSTILE = [
  '',
  ' ',
  '\n\t',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '</system>',
  '[DONE]',
  '{"a":',
  '{"__proto__":{"a":1}}',
  'data: x\n\n',
  'null',
  '[]',
  '0',
  'Continue.',
  '🙂'.repeat(5),
];
const word = fc.stringMatching(/^[a-zA-Zäöü][\w äöü🙂]{0,12}$/u);
export const text = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);
/** Few, so that calls and results meet. */
const callId = fc.constantFrom(
  '',
  '',
  'call_1',
  'call_2',
  'call_3',
  'toolu_01ABC',
  'functions.get:0',
  'x'.repeat(500),
  'ä b',
);
/** Gemini takes dots and colons, RPC callers send what they like. */
const toolName = fc.constantFrom('weather', 'search_1', 'run-it', 'maps.find:now', 'größe');
const origin = fc.constantFrom('', ...CHAT_DIALECTS);
const objectText = fc.constantFrom('{}', '{"city":"Ulm"}', '{"n":1.0,"__proto__":{"x":1},"2":[null]}');
const argumentText = fc.oneof(objectText, fc.constantFrom('', '{"city":', '[1]', 'null', '"x"', '7'));
const cacheControl = fc.constantFrom(
  ...[CacheTtl.CACHE_TTL_UNSPECIFIED, CacheTtl.CACHE_TTL_5M, CacheTtl.CACHE_TTL_1H, CacheTtl.CACHE_TTL_24H].map(
    (ttl) => ({
      ttl,
    }),
  ),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });

const bytes = fc.uint8Array({ minLength: 0, maxLength: 12 });
const mediaType = (types: readonly string[]) => fc.constantFrom('', 'application/x-odd', ...types);
const source = (types: readonly string[]) =>
  fc.record({
    location: fc.oneof(
      bytes.map((value) => ({ case: 'data' as const, value })),
      fc
        .constantFrom('https://a.example/x', 'data:text/plain;base64,aGk=', 'data:broken', 's3://bucket/x', 'gs://b/x')
        .map((value) => ({ case: 'url' as const, value })),
      fc.constant({ case: 'fileId' as const, value: 'file-1' }),
    ),
    mediaType: mediaType(types),
  });

const annotation = fc.record({
  kind: fc.oneof(
    fc.record({ url: text, title: text, citedText: text }).map((value) => ({ case: 'urlCitation' as const, value })),
    fc
      .record({ fileId: text, title: text, citedText: text, unit: fc.constantFrom('', 'char', 'page', 'block') })
      .map((value) => ({ case: 'documentCitation' as const, value })),
    fc.constantFrom('cohere', 'gemini').map((dialect) => ({ case: 'raw' as const, value: { dialect, json: '{}' } })),
  ),
  startIndex: maybe(fc.nat(9)),
  endIndex: maybe(fc.nat(9)),
});

const simpleKinds = [
  fc
    .record({ text, annotations: fc.array(annotation, { maxLength: 1 }) })
    .map((value) => ({ case: 'text' as const, value })),
  fc.record({ text }).map((value) => ({ case: 'text' as const, value })),
  fc
    .record({ source: source(['image/png', 'image/jpeg', 'image/svg+xml']), detail: fc.constantFrom('', 'low') })
    .map((value) => ({ case: 'image' as const, value })),
  fc
    .record({
      source: maybe(source(['audio/wav', 'audio/mpeg'])),
      format: fc.constantFrom('', 'wav', 'mp3', 'opus'),
      id: fc.constantFrom('', 'audio_1'),
      transcript: text,
    })
    .map((value) => ({ case: 'audio' as const, value })),
  fc
    .record({
      source: source(['application/pdf', 'text/plain', 'text/csv']),
      filename: fc.constantFrom('', 'a.pdf', 'Zü/..\\x.txt'),
      title: text,
      context: text,
      citations: fc.boolean(),
    })
    .map((value) => ({ case: 'file' as const, value })),
  fc.record({ text }).map((value) => ({ case: 'refusal' as const, value })),
  fc
    .constantFrom(...CHAT_DIALECTS)
    .map((dialect) => ({ case: 'raw' as const, value: { dialect, json: RAW_OF[dialect] } })),
] as const;

/** What each format would have itself, so that its own rules hold. */
const RAW_OF: Readonly<Record<(typeof CHAT_DIALECTS)[number], string>> = {
  'openai-chat': '{"type":"text","text":"raw"}',
  'openai-responses': '{"type":"item_reference","id":"msg_raw"}',
  'openai-completions': '{"text":"raw"}',
  'anthropic-messages': '{"type":"text","text":"raw"}',
  gemini: '{"text":"raw"}',
  'bedrock-converse': '{"text":"raw"}',
  cohere: '{"type":"text","text":"raw"}',
};

const beside = {
  cacheControl: maybe(cacheControl),
  signature: fc.constantFrom('', '', 'c2lnbmF0dXJl'),
  origin,
  itemId: fc.constantFrom('', '', 'item_1'),
};
/** An uploaded file is one of the format that the part is of. */
const simplePart = fc.record({ kind: fc.oneof(...simpleKinds), ...beside }).map(({ kind, ...more }) => {
  const source = 'source' in kind.value ? kind.value.source : undefined;
  if (source?.location.case !== 'fileId' || more.origin === '') return { kind, ...more };
  const uploaded = { ...source, location: { ...source.location, value: `file-of-${more.origin}` } };
  return { kind: { ...kind, value: { ...kind.value, source: uploaded } } as typeof kind, ...more };
});
const call = fc
  .record({
    id: callId,
    name: toolName,
    input: fc.oneof(
      { weight: 3, arbitrary: argumentText.map((value) => ({ case: 'argumentsJson' as const, value })) },
      { weight: 1, arbitrary: text.map((value) => ({ case: 'text' as const, value })) },
    ),
    type: fc.constantFrom('', 'web_search_call'),
  })
  .chain((value) => fc.nat(5).map((die) => ({ ...value, providerExecuted: die === 0 })))
  .map((value) => ({ case: 'toolCall' as const, value }));
const result = fc
  .record({
    callId,
    name: fc.oneof(fc.constant(''), toolName),
    parts: fc.array(simplePart, { maxLength: 2 }),
    isError: fc.boolean(),
    providerExecuted: fc.nat(5).map((die) => die === 0),
    type: fc.constantFrom('', 'web_search_tool_result'),
  })
  .map((value) => ({ case: 'toolResult' as const, value }));
const thought = fc
  .record({ text, summary: fc.boolean(), redactedData: fc.constantFrom('', '', 'ZW5j') })
  .map((value) => ({ case: 'reasoning' as const, value }));
const anyPart = fc.oneof(
  { weight: simpleKinds.length, arbitrary: simplePart },
  { weight: 5, arbitrary: fc.record({ kind: fc.oneof(call, call, result, result, thought), ...beside }) },
);

const anyMessage = fc.record({
  role: fc.constantFrom(Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT, Role.TOOL),
  parts: fc.array(anyPart, { maxLength: 4 }),
  name: fc.constantFrom('', '', 'Ann'),
});

/** A model that calls tools and the answers to it, as callers send them: the part of a conversation that breaks first. */
const exchange = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('call_1', 'call_2', 'call_3', 'toolu_01ABC', 'ä b', ''), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.boolean(),
    fc.boolean(),
    fc.array(fc.record({ kind: thought, ...beside }), { maxLength: 1 }),
  )
  .map(([ids, together, swapped, thoughts]) => {
    const calls = ids.map((id) => ({
      kind: {
        case: 'toolCall' as const,
        value: { id, name: 'weather', input: { case: 'argumentsJson' as const, value: '{"city":"Ulm"}' } },
      },
    }));
    const results = ids.map((id) => ({
      kind: {
        case: 'toolResult' as const,
        value: { callId: id, name: 'weather', parts: [{ kind: { case: 'text' as const, value: { text: '21' } } }] },
      },
    }));
    if (swapped) results.reverse();
    return [
      { role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: 'How warm?' } } }] },
      { role: Role.ASSISTANT, parts: [...thoughts, ...calls] },
      ...(together
        ? [{ role: Role.TOOL, parts: results }]
        : results.map((part) => ({ role: Role.TOOL, parts: [part] }))),
    ];
  });

const conversation = fc.oneof(
  fc.array(anyMessage, { minLength: 1, maxLength: 6 }),
  fc
    .tuple(fc.array(anyMessage, { maxLength: 1 }), fc.array(exchange, { minLength: 1, maxLength: 2 }))
    .map(([before, rounds]) => [...before, ...rounds.flat()]),
);

const schemaText = fc.constantFrom(
  '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}',
  '{"type":"object"}',
  '',
  '{"type":"array","items":{"$ref":"#/$defs/a"},"$defs":{"a":{"type":"string"}}}',
  '{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object","properties":{"b":{}}}]}',
);
const tool = fc.record({
  kind: fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .record({ name: toolName, description: text, parametersJsonSchema: schemaText, strict: maybe(fc.boolean()) })
        .map((value) => ({ case: 'function' as const, value })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({
          name: fc.constantFrom('notes', 'patch'),
          description: text,
          formatJson: fc.constantFrom(
            '',
            '{"type":"text"}',
            '{"type":"grammar","syntax":"lark","definition":"start: /a/"}',
            '{"type":"grammar","grammar":{"syntax":"regex","definition":"a+"}}',
          ),
        })
        .map((value) => ({ case: 'custom' as const, value })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          { type: 'web_search_20250305', name: 'web_search', configJson: '', dialect: 'anthropic-messages' },
          { type: 'web_search', name: '', configJson: '', dialect: 'openai-responses' },
          { type: 'googleSearch', name: '', configJson: '{}', dialect: 'gemini' },
          { type: 'odd', name: 'odd', configJson: '', dialect: '' },
        )
        .map((value) => ({ case: 'provider' as const, value })),
    },
  ),
  cacheControl: maybe(cacheControl),
});
const tools = fc.uniqueArray(tool, {
  maxLength: 3,
  selector: ({ kind }) => (kind.case === 'provider' ? kind.value.type : kind.value.name),
});

const toolChoice = fc.oneof(
  fc
    .record({
      mode: fc.constantFrom(ToolChoiceMode.AUTO, ToolChoiceMode.NONE, ToolChoiceMode.REQUIRED),
      allowedToolNames: fc.array(fc.constantFrom('weather', 'search_1', 'nobody'), { maxLength: 2 }),
    })
    .map((value) => value),
  fc.constantFrom('weather', 'notes', 'nobody', '').map((name) => ({ mode: ToolChoiceMode.TOOL, toolName: name })),
);

const responseFormat = fc.oneof(
  fc.constant({ kind: { case: 'text' as const, value: {} } }),
  fc.constant({ kind: { case: 'jsonObject' as const, value: {} } }),
  fc
    .record({
      name: fc.constantFrom('', 'answer', 'an answer: größe'),
      description: fc.constantFrom('', 'It.'),
      schemaJson: schemaText,
      strict: maybe(fc.boolean()),
    })
    .map((value) => ({ kind: { case: 'jsonSchema' as const, value } })),
);

const efforts = [0, 1, 2, 3, 4, 5, 6, 7] satisfies ReasoningEffort[];

const settings = fc.record(
  {
    tools,
    toolChoice,
    parallelToolCalls: fc.boolean(),
    maxOutputTokens: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constant(2 ** 32 - 1)),
    temperature: fc.constantFrom(0, 0.7, 1, 1.5, 2),
    topP: fc.constantFrom(0, 0.5, 0.99, 1),
    topK: fc.constantFrom(0, 1, 40, 600, 2 ** 32 - 1),
    frequencyPenalty: fc.constantFrom(-2, 0, 0.5, 2),
    presencePenalty: fc.constantFrom(-2, 0, 0.5, 2),
    seed: fc.constantFrom(0n, -1n, 7n, 2n ** 40n, 2n ** 63n - 1n, -(2n ** 63n)),
    stop: fc.array(fc.constantFrom('END', ' ', '\n', 'STOP', 'x'.repeat(900)), { maxLength: 7 }),
    n: fc.constantFrom(1, 2, 128),
    logprobs: fc.boolean(),
    topLogprobs: fc.constantFrom(0, 3, 20),
    logitBias: fc.constantFrom({}, { '50256': -100 }),
    responseFormat,
    modalities: fc.constantFrom([], ['text'], ['text', 'audio'], ['image']),
    audioOutput: fc.constantFrom({ voice: 'alloy', format: 'wav' }, { voice: 'Kore', format: 'pcm16' }),
    reasoning: fc.record({
      effort: fc.constantFrom(...efforts),
      budgetTokens: maybe(fc.constantFrom(0, 1, 1024, 10_000, 2 ** 31)),
      includeThoughts: maybe(fc.boolean()),
      summary: fc.constantFrom('', 'auto', 'detailed'),
    }),
    verbosity: fc.constantFrom(Verbosity.UNSPECIFIED, Verbosity.LOW, Verbosity.HIGH),
    prediction: fc.array(
      fc.record({ text: word }).map((value) => ({ kind: { case: 'text' as const, value } })),
      { maxLength: 1 },
    ),
    serviceTier: fc.constantFrom('', 'auto', 'default', 'flex', 'priority', 'odd'),
    promptCacheKey: fc.constantFrom('', 'key'),
    endUserId: fc.constantFrom('', 'person-1', 'p'.repeat(512)),
    store: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Any request that the contract allows and whose JSON texts are JSON. */
export const anyGeneration: fc.Arbitrary<Generation> = fc
  .record({ messages: conversation, more: settings })
  .map(({ messages, more }) => create(GenerationSchema, { ...more, messages, model: 'm' } as object));

/** The same without bounds on what the JSON texts within it are, and with stored conversations. */
export const hostileGeneration: fc.Arbitrary<Generation> = fc
  .record({
    base: anyGeneration,
    json: fc.oneof(
      text,
      fc.constantFrom('[]', '{', `${'['.repeat(9000)}`, `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`),
    ),
    where: fc.nat(6),
  })
  .map(({ base, json, where }) => spoil(base, json, where));

function spoil(base: Generation, json: string, where: number): Generation {
  const made = create(GenerationSchema, { ...base, $typeName: undefined } as object);
  if (where === 0) made.previousResponseId = 'resp_1';
  if (where === 1) for (const dialect of CHAT_DIALECTS) made.providerOptionsJson[dialect] = json;
  for (const { kind } of made.tools) {
    if (where === 2 && kind.case === 'function') kind.value.parametersJsonSchema = json;
    if (where === 3 && kind.case === 'custom') kind.value.formatJson = json;
    if (where === 4 && kind.case === 'provider') kind.value.configJson = json;
  }
  const format = made.responseFormat?.kind;
  if (where === 5 && format?.case === 'jsonSchema') format.value.schemaJson = json;
  for (const { kind } of made.messages.flatMap(({ parts }) => parts)) {
    if (where === 6 && kind.case === 'raw') kind.value.json = json;
    if (where === 6 && kind.case === 'toolCall') kind.value.input = { case: 'argumentsJson', value: json };
  }
  return made;
}
