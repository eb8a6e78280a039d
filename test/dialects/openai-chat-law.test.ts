import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema, ReasoningEffort, Verbosity } from '../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../gen/sluice/v1/tool_pb.ts';
import { door, provider } from './support/codecs.ts';

/**
 * Generations that the format can carry: no top_k, budgets, cache marks, signatures, ids of items or providers' tools
 * other than the search of the web; an assistant's turn in the order words, calls; for each call a tool message with its
 * result, without a name; no empty texts or turns; schemas as JSON writes them; thoughts left out, because they need a
 * provider that takes them.
 */
const word = fc.string({ minLength: 1, maxLength: 20 });
const schemaText = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));
/** What tools and forms of answers may be called. */
const plainName = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
/** Schemas that may be strict. */
const objectText = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 3 })
  .map((names) => ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: names,
    additionalProperties: false,
  }))
  .map((value) => JSON.stringify(value));
const text = word.map((value) => ({ kind: { case: 'text' as const, value: { text: value } } }));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const image = fc.oneof(
  fc.webUrl().map((url) => ({
    kind: {
      case: 'image' as const,
      value: { source: { location: { case: 'url' as const, value: url } }, detail: 'low' },
    },
  })),
  bytes.map((data) => ({
    kind: {
      case: 'image' as const,
      value: { source: { location: { case: 'data' as const, value: data }, mediaType: 'image/png' } },
    },
  })),
);
const audio = bytes.map((data) => ({
  kind: {
    case: 'audio' as const,
    value: { format: 'wav', source: { location: { case: 'data' as const, value: data }, mediaType: 'audio/wav' } },
  },
}));
const toolCall = fc
  .record({ id: word, name: plainName, custom: fc.boolean(), input: schemaText })
  .map(({ id, name, custom, input }) => ({
    kind: {
      case: 'toolCall' as const,
      value: { id, name, input: { case: custom ? ('text' as const) : ('argumentsJson' as const), value: input } },
    },
  }));
const results = fc.array(text, { minLength: 1, maxLength: 3 });
const toolTurns = fc
  .tuple(
    fc.array(text, { maxLength: 2 }),
    fc.uniqueArray(toolCall, { minLength: 1, maxLength: 3, selector: ({ kind }) => kind.value.id }),
    fc.array(results, { minLength: 3, maxLength: 3 }),
  )
  .map(([words, calls, answers]) => [
    { role: Role.ASSISTANT, parts: [...words, ...calls] },
    ...calls.map(({ kind }, index) => ({
      role: Role.TOOL,
      parts: [{ kind: { case: 'toolResult' as const, value: { callId: kind.value.id, parts: answers[index] ?? [] } } }],
    })),
  ]);
const turns = fc.oneof(
  fc
    .record({
      role: fc.constantFrom(Role.SYSTEM, Role.DEVELOPER),
      parts: fc.array(text, { minLength: 1, maxLength: 3 }),
    })
    .map((message) => [message]),
  fc
    .record({
      role: fc.constant(Role.USER),
      name: fc.constantFrom('', 'ann'),
      parts: fc.array(fc.oneof(text, image, audio), { minLength: 1, maxLength: 4 }),
    })
    .map((message) => [message]),
  fc
    .record({ role: fc.constant(Role.ASSISTANT), parts: fc.array(text, { minLength: 1, maxLength: 2 }) })
    .map((message) => [message]),
  toolTurns,
);
const functionTool = fc
  .record(
    { name: plainName, description: word, parametersJsonSchema: objectText, strict: fc.boolean() },
    { requiredKeys: ['name'] },
  )
  .map((value) => ({ kind: { case: 'function' as const, value } }));
const webSearch = schemaText.map((configJson) => ({
  kind: {
    case: 'provider' as const,
    value: { type: 'web_search_options', dialect: 'openai-chat', configJson },
  },
}));
interface Choosing {
  readonly tools?: readonly { readonly kind: { readonly case: string; readonly value: { readonly name?: string } } }[];
  readonly toolChoice?:
    | { mode: ToolChoiceMode }
    | { mode: ToolChoiceMode; toolName: string }
    | { mode: ToolChoiceMode; allowedToolNames: string[] }
    | undefined;
  readonly parallelToolCalls?: boolean | undefined;
}

const generation = fc
  .record(
    {
      messages: fc.array(turns, { minLength: 1, maxLength: 5 }).map((list) => list.flat()),
      tools: fc
        .tuple(fc.array(functionTool, { maxLength: 3 }), fc.array(webSearch, { maxLength: 1 }))
        .map((tools) => tools.flat()),
      toolChoice: fc.oneof(
        fc.constantFrom(ToolChoiceMode.AUTO, ToolChoiceMode.NONE, ToolChoiceMode.REQUIRED).map((mode) => ({ mode })),
        word.map((toolName) => ({ mode: ToolChoiceMode.TOOL, toolName })),
        fc
          .array(word, { minLength: 1, maxLength: 3 })
          .map((allowedToolNames) => ({ mode: ToolChoiceMode.AUTO, allowedToolNames })),
      ),
      parallelToolCalls: fc.boolean(),
      maxOutputTokens: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      seed: fc.maxSafeInteger().map(BigInt),
      stop: fc.array(word, { maxLength: 4 }),
      n: fc.integer({ min: 1, max: 128 }),
      logprobs: fc.boolean(),
      topLogprobs: fc.integer({ min: 0, max: 20 }),
      logitBias: fc.dictionary(fc.stringMatching(/^[1-9]\d{0,5}$/), fc.integer({ min: -100, max: 100 })),
      responseFormat: fc.oneof(
        fc.constant({ kind: { case: 'text' as const, value: {} } }),
        fc
          .record({ name: plainName, schemaJson: objectText, strict: fc.boolean() })
          .map((value) => ({ kind: { case: 'jsonSchema' as const, value } })),
      ),
      reasoning: fc
        .constantFrom(ReasoningEffort.NONE, ReasoningEffort.LOW, ReasoningEffort.MAX)
        .map((effort) => ({ effort })),
      verbosity: fc.constantFrom(Verbosity.LOW, Verbosity.HIGH),
      prediction: fc.array(text, { maxLength: 2 }),
      serviceTier: word,
      promptCacheKey: word,
      endUserId: word,
      store: fc.boolean(),
    },
    { requiredKeys: ['messages'] },
  )
  .map((init) =>
    create(GenerationSchema, {
      ...init,
      ...choosable(init as Choosing),
      ...(init.topLogprobs !== undefined && { logprobs: true }),
      model: 'm',
    } as object),
  );

/** Choices among the tools that are there: others are not sent. */
function choosable({ tools = [], toolChoice, parallelToolCalls }: Choosing): Partial<Choosing> {
  const names = tools.flatMap(({ kind }) => (kind.case === 'function' ? [kind.value.name ?? ''] : []));
  const [name] = names;
  if (name === undefined) return { toolChoice: undefined, parallelToolCalls: undefined };
  if (toolChoice === undefined) return { parallelToolCalls };
  if ('toolName' in toolChoice) return { toolChoice: { ...toolChoice, toolName: name } };
  return 'allowedToolNames' in toolChoice ? { toolChoice: { ...toolChoice, allowedToolNames: names } } : { toolChoice };
}

describe('the law of the request', () => {
  it('what is encoded is decoded again, for all that the format can carry', () => {
    fc.assert(
      fc.property(generation, (wanted) => {
        const { body, warnings } = provider.encodeRequest(wanted, {
          provider: 'p',
          model: 'm',
          quirks: {},
          stream: false,
        });
        const { generation: got } = door.decodeRequest(JSON.parse(JSON.stringify(body)));
        expect(warnings).toEqual([]);
        if (!equals(GenerationSchema, got, wanted)) expect(got).toEqual(wanted);
      }),
      { numRuns: 400 },
    );
  });
});
