import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema, ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { door, provider, target } from './drive.ts';

/**
 * Generations that the format can carry: thoughts as summaries, the system first, no two turns of the model (or of results)
 * in a row, calls with ids of their own, and names of schemas as their titles.
 */
const MODEL = 'gemini-3-flash-preview';
const word = fc.stringMatching(/^[a-zA-Z_][\w]{0,14}$/);
const words = fc.string({ minLength: 1, maxLength: 30 });
const id = fc.stringMatching(/^[a-z][\w.:-]{1,20}$/).filter((text) => !text.startsWith('gcall'));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 30 });
const proof = fc.oneof(
  fc.constant({}),
  bytes.map((data) => ({ signature: Buffer.from(data).toString('base64'), origin: 'gemini' })),
);
const schemaText = fc
  .record({
    type: fc.constant('object'),
    properties: fc.dictionary(word, fc.constantFrom({ type: 'string' }, { type: 'integer', minimum: 1 })),
    required: fc.array(word, { maxLength: 2 }),
  })
  .map((value) => JSON.stringify(value));
const argsText = fc
  .dictionary(word, fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));

const text = fc
  .tuple(words, proof)
  .map(([value, more]) => ({ kind: { case: 'text' as const, value: { text: value } }, ...more }));
const thought = fc.tuple(words, proof).map(([value, more]) => ({
  kind: { case: 'reasoning' as const, value: { text: value, summary: true } },
  ...more,
}));
const location = fc.oneof(
  bytes.map((value) => ({ case: 'data' as const, value })),
  fc.webUrl().map((value) => ({ case: 'url' as const, value })),
  word.map((value) => ({
    case: 'fileId' as const,
    value: `https://generativelanguage.googleapis.com/v1beta/files/${value}`,
  })),
);
const media = fc
  .oneof(
    location.map((at) => ({
      kind: { case: 'image' as const, value: { source: { location: at, mediaType: 'image/png' } } },
    })),
    location.map((at) => ({
      kind: { case: 'audio' as const, value: { source: { location: at, mediaType: 'audio/wav' } } },
    })),
    location.map((at) => ({
      kind: { case: 'file' as const, value: { source: { location: at, mediaType: 'video/mp4' } } },
    })),
  )
  .map((one) => ({ ...one, origin: one.kind.value.source.location.case === 'fileId' ? 'gemini' : '' }));
const raw = fc.constant({
  kind: {
    case: 'raw' as const,
    value: { dialect: 'gemini', json: '{"executableCode":{"language":"PYTHON","code":"1"}}' },
  },
});
const call = fc.tuple(id, word, argsText, bytes).map(([callId, name, value, mark]) => ({
  kind: { case: 'toolCall' as const, value: { id: callId, name, input: { case: 'argumentsJson' as const, value } } },
  signature: Buffer.from(mark).toString('base64'),
  origin: 'gemini',
}));
const result = fc
  .tuple(id, word, words, fc.boolean(), fc.array(media, { maxLength: 2 }))
  .map(([callId, name, value, isError, more]) => ({
    kind: {
      case: 'toolResult' as const,
      value: { callId, name, isError, parts: [{ kind: { case: 'text' as const, value: { text: value } } }, ...more] },
    },
  }));
const userTurn = fc
  .array(fc.oneof(text, media), { minLength: 1, maxLength: 3 })
  .map((parts) => ({ role: Role.USER, parts }));
const modelTurn = fc
  .array(fc.oneof(text, thought, call, raw), { minLength: 1, maxLength: 4 })
  .map((parts) => ({ role: Role.ASSISTANT, parts }));
/** What answers a turn of the model's: the results of its calls, or a user's words. */
const exchange = fc.tuple(modelTurn, fc.infiniteStream(result), userTurn).map(([asked, answers, said]) => {
  const calls = asked.parts.flatMap(({ kind }) => (kind.case === 'toolCall' ? [kind.value] : []));
  for (const [at, call] of calls.entries()) call.id = `${call.id}-${at}`;
  const parts = calls.map(({ id: callId, name }) => {
    const { kind } = answers.next().value as { kind: { case: 'toolResult'; value: object } };
    return { kind: { ...kind, value: { ...kind.value, callId, name } } };
  });
  return parts.length === 0 ? [asked, said] : [asked, { role: Role.TOOL, parts }];
});
const systemTurn = fc
  .array(
    words.map((value) => ({ kind: { case: 'text' as const, value: { text: value } } })),
    { minLength: 1, maxLength: 2 },
  )
  .map((parts) => ({ role: Role.SYSTEM, parts }));
const conversation = fc
  .tuple(fc.array(systemTurn, { maxLength: 1 }), userTurn, fc.array(exchange, { maxLength: 2 }))
  .map(([system, first, rest]) => [...system, first, ...rest.flat()]);

const tool = fc.oneof(
  fc
    .record({ name: word, description: fc.string({ maxLength: 9 }), parametersJsonSchema: schemaText })
    .map((value) => ({
      kind: { case: 'function' as const, value },
    })),
);
const providerTool = fc.constantFrom('googleSearch', 'codeExecution', 'urlContext').map((type) => ({
  kind: { case: 'provider' as const, value: { type, dialect: 'gemini', configJson: '' } },
}));

const generation = fc
  .record(
    {
      messages: conversation,
      tools: fc
        .tuple(fc.array(tool, { maxLength: 3 }), fc.array(providerTool, { maxLength: 1 }))
        .map((all) => all.flat()),
      maxOutputTokens: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      topK: fc.integer({ min: 0, max: 100 }),
      seed: fc.integer().map(BigInt),
      stop: fc.array(words, { maxLength: 5 }),
      n: fc.integer({ min: 1, max: 8 }),
      presencePenalty: fc.constantFrom(-2, 0.5, 2),
      frequencyPenalty: fc.constantFrom(-2, 0.5, 2),
      logprobs: fc.boolean(),
      topLogprobs: fc.integer({ min: 1, max: 20 }),
      modalities: fc.subarray(['text', 'image', 'audio']),
      audioOutput: fc.constantFrom({ voice: 'Kore' }, { voice: 'Puck' }),
      serviceTier: fc.constantFrom('default', 'flex', 'priority'),
      responseFormat: fc.oneof(
        fc.constant({ kind: { case: 'text' as const, value: {} } }),
        fc.constant({ kind: { case: 'jsonObject' as const, value: {} } }),
        fc.tuple(word, schemaText).map(([title, schema]) => ({
          kind: {
            case: 'jsonSchema' as const,
            value: { name: title, schemaJson: JSON.stringify({ title, ...JSON.parse(schema) }) },
          },
        })),
      ),
      reasoning: fc.oneof(
        fc
          .constantFrom(ReasoningEffort.MINIMAL, ReasoningEffort.LOW, ReasoningEffort.MEDIUM, ReasoningEffort.HIGH)
          .map((effort) => ({ effort, includeThoughts: true })),
        fc.integer({ min: 0, max: 30_000 }).map((budgetTokens) => ({ budgetTokens })),
      ),
    },
    { requiredKeys: ['messages'] },
  )
  .chain((init) => {
    const names = (init.tools ?? []).flatMap(({ kind }) => (kind.case === 'function' ? [kind.value.name] : []));
    const [toolName] = names;
    if (toolName === undefined) return fc.constant(init);
    return fc
      .constantFrom(
        { mode: ToolChoiceMode.AUTO },
        { mode: ToolChoiceMode.NONE },
        { mode: ToolChoiceMode.REQUIRED },
        { mode: ToolChoiceMode.TOOL, toolName },
        { mode: ToolChoiceMode.AUTO, allowedToolNames: names },
      )
      .map((toolChoice) => ({ ...init, toolChoice }));
  })
  .map((init) =>
    create(GenerationSchema, { ...init, ...(init.topLogprobs !== undefined && { logprobs: true }), model: MODEL }),
  );

describe('the law of the request', () => {
  it('what is encoded is decoded again, for all that the format can carry', () => {
    fc.assert(
      fc.property(generation, (wanted) => {
        const { body, warnings } = provider.encodeRequest(wanted, target(MODEL));
        const { generation: got } = door.decodeRequest(JSON.parse(JSON.stringify(body)), { model: MODEL });
        expect(warnings).toEqual([]);
        if (!equals(GenerationSchema, got, wanted)) expect(got).toEqual(wanted);
      }),
      { numRuns: 400 },
    );
  });

  it('the same in snake_case is the same request', () => {
    fc.assert(
      fc.property(generation, (wanted) => {
        const { body } = provider.encodeRequest(wanted, target(MODEL));
        const camel = JSON.parse(JSON.stringify(body));
        const read = (json: object) => door.decodeRequest(json as never, { model: MODEL }).generation;
        expect(equals(GenerationSchema, read(snake(camel) as object), read(camel))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** Members whose names are the caller's own. */
const FREE = new Set(['args', 'response', 'parametersJsonSchema', 'responseJsonSchema']);

function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    FREE.has(name) ? inner : snake(inner),
  ]);
  return Object.fromEntries(entries);
}
