import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CacheTtl, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema, ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { door, provider } from './drive.ts';

/**
 * Generations that the format can carry: instructions once and first, turns of the user and the model by turns, results of
 * tools right after their calls, words that are not white space, no names, thoughts with a signature of this format, and
 * the sampling of a model that does not think.
 */
const origin = 'anthropic-messages';
const word = fc.stringMatching(/^[\wäöü🙂][\w äöü🙂]{0,15}[\wäöü]$/u);
const id = fc.stringMatching(/^[a-zA-Z0-9_-]{4,40}$/);
const objectText = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));
const cacheControl = fc.option(fc.constantFrom({}, { ttl: CacheTtl.CACHE_TTL_5M }, { ttl: CacheTtl.CACHE_TTL_1H }), {
  nil: undefined,
  freq: 9,
});
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const location = fc.oneof(
  fc.webUrl().map((value) => ({ location: { case: 'url' as const, value } })),
  id.map((value) => ({ location: { case: 'fileId' as const, value } })),
);
const inline = (mediaType: string) => bytes.map((value) => ({ location: { case: 'data' as const, value }, mediaType }));
const citation = fc.record({
  kind: fc
    .record({
      unit: fc.constantFrom('char', 'page', 'block'),
      title: word,
      citedText: word,
      documentIndex: fc.nat(9),
      start: fc.nat(99),
      end: fc.nat(99),
    })
    .map((value) => ({ case: 'documentCitation' as const, value })),
});
const text = fc
  .record({ text: word, annotations: fc.array(citation, { maxLength: 2 }) })
  .map((value) => ({ kind: { case: 'text' as const, value } }));
/** An uploaded file is one of this format. */
const originOf = (source: { location: { case: string } }): string => (source.location.case === 'fileId' ? origin : '');
const plain = word.map((value) => ({ kind: { case: 'text' as const, value: { text: value } } }));
const image = fc
  .oneof(location, inline('image/png'))
  .map((source) => ({ kind: { case: 'image' as const, value: { source } }, origin: originOf(source) }));
const document = fc
  .record({
    source: fc.oneof(
      location,
      inline('application/pdf'),
      word.map((value) => ({
        location: { case: 'data' as const, value: new TextEncoder().encode(value) },
        mediaType: 'text/plain',
      })),
    ),
    title: word,
    context: fc.constantFrom('', 'background'),
    citations: fc.boolean(),
  })
  .map((value) => ({ kind: { case: 'file' as const, value }, origin: originOf(value.source) }));
const thought = fc.oneof(
  fc.record({ value: word, signature: word }).map(({ value, signature }) => ({
    kind: { case: 'reasoning' as const, value: { text: value } },
    signature,
    origin,
  })),
  word.map((redactedData) => ({ kind: { case: 'reasoning' as const, value: { redactedData } }, origin })),
);
const call = fc.record({ id, name: id, input: objectText }).map(({ input, ...rest }) => ({
  kind: { case: 'toolCall' as const, value: { ...rest, input: { case: 'argumentsJson' as const, value: input } } },
}));
const search = fc.record({ callId: id, query: word }).map(({ callId, query }) => [
  {
    kind: {
      case: 'toolCall' as const,
      value: {
        id: callId,
        name: 'web_search',
        input: { case: 'argumentsJson' as const, value: JSON.stringify({ query }) },
        providerExecuted: true,
        type: 'server_tool_use',
      },
    },
  },
  {
    kind: {
      case: 'toolResult' as const,
      value: {
        callId,
        providerExecuted: true,
        type: 'web_search_tool_result',
        parts: [{ kind: { case: 'raw' as const, value: { dialect: origin, json: JSON.stringify([{ query }]) } } }],
      },
    },
  },
]);
const marked = <T extends object>(part: fc.Arbitrary<T>) =>
  fc.tuple(part, cacheControl).map(([value, mark]) => (mark === undefined ? value : { ...value, cacheControl: mark }));
const user = fc
  .array(fc.oneof(marked(plain), image, document), { minLength: 1, maxLength: 3 })
  .map((parts) => ({ role: Role.USER, parts }));
/** A turn of the model's, the results of its calls, and the next words of the user's. */
const exchange = fc
  .record({
    thoughts: fc.array(thought, { maxLength: 2 }),
    searches: fc.array(search, { maxLength: 1 }),
    words: fc.array(text, { minLength: 1, maxLength: 2 }),
    calls: fc.uniqueArray(call, { maxLength: 3, selector: ({ kind }) => kind.value.id }),
    answer: fc.array(fc.oneof(plain, image), { maxLength: 2 }),
    isError: fc.boolean(),
    user,
  })
  .map(({ thoughts, searches, words, calls, answer, isError, user: next }) => [
    { role: Role.ASSISTANT, parts: [...thoughts, ...searches.flat(), ...words, ...calls] },
    ...(calls.length === 0
      ? []
      : [{ role: Role.TOOL, parts: calls.map(({ kind }) => resultOf(kind.value.id, answer, isError)) }]),
    next,
  ]);
const resultOf = (callId: string, parts: object[], isError: boolean) => ({
  kind: {
    case: 'toolResult' as const,
    value: {
      callId,
      isError,
      parts: isError ? parts.filter((part) => JSON.stringify(part).includes('"text"')) : parts,
    },
  },
});
const conversation = fc
  .tuple(fc.array(marked(plain), { maxLength: 2 }), user, fc.array(exchange, { maxLength: 2 }))
  .map(([system, first, rest]) => [
    ...(system.length === 0 ? [] : [{ role: Role.SYSTEM, parts: system }]),
    first,
    ...rest.flat(),
  ]);
const schema = objectText.map((value) => JSON.stringify({ type: 'object', title: value }));
const tool = fc.oneof(
  fc
    .record(
      { name: id, description: word, parametersJsonSchema: schema },
      { requiredKeys: ['name', 'parametersJsonSchema'] },
    )
    .map((value) => ({ kind: { case: 'function' as const, value } })),
  fc.constant({
    kind: {
      case: 'provider' as const,
      value: { type: 'web_search_20250305', name: 'web_search', configJson: '{"max_uses":3}', dialect: origin },
    },
  }),
);
const generation = fc
  .record(
    {
      messages: conversation,
      tools: fc.array(marked(tool), { minLength: 1, maxLength: 3 }),
      maxOutputTokens: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      toolChoice: fc.oneof(
        fc.constantFrom(ToolChoiceMode.AUTO, ToolChoiceMode.REQUIRED).map((mode) => ({ mode })),
        id.map((toolName) => ({ mode: ToolChoiceMode.TOOL, toolName })),
      ),
      parallelToolCalls: fc.constant(false),
      temperature: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      topK: fc.nat(500),
      stop: fc.array(word, { maxLength: 4 }),
      reasoning: fc.constant({ effort: ReasoningEffort.NONE }),
      responseFormat: fc.constant({
        kind: {
          case: 'jsonSchema' as const,
          value: { name: 'answer', schemaJson: '{"type":"object","properties":{},"additionalProperties":false}' },
        },
      }),
      serviceTier: fc.constantFrom('auto', 'default'),
      endUserId: word,
    },
    { requiredKeys: ['messages', 'tools', 'maxOutputTokens'] },
  )
  .map(({ toolChoice = { mode: ToolChoiceMode.AUTO }, ...init }) => {
    const [first] = init.tools;
    const named = 'toolName' in toolChoice && first !== undefined ? { toolName: first.kind.value.name } : {};
    return create(GenerationSchema, { ...init, toolChoice: { ...toolChoice, ...named }, model: 'm' } as object);
  })
  .filter((made) => marks(made) <= 4 && falling(made) && uniqueCalls(made));

const marks = (made: object): number =>
  JSON.stringify(made, (_, value) => (typeof value === 'bigint' ? 0 : value)).split('"cacheControl"').length - 1;

/** No mark for an hour stands behind a shorter one: tools come first, then the conversation. */
function falling({ tools, messages }: ReturnType<typeof create<typeof GenerationSchema>>): boolean {
  const marked = [...tools, ...messages.flatMap(({ parts }) => parts)];
  const hours = marked.flatMap(({ cacheControl: mark }) => (mark ? [mark.ttl === CacheTtl.CACHE_TTL_1H] : []));
  return !hours.includes(false) || !hours.includes(true, hours.indexOf(false));
}

/** Ids of calls differ within a conversation. */
function uniqueCalls(made: ReturnType<typeof create<typeof GenerationSchema>>): boolean {
  const ids = made.messages.flatMap(({ parts }) =>
    parts.flatMap(({ kind }) => (kind.case === 'toolCall' ? [kind.value.id] : [])),
  );
  return new Set(ids).size === ids.length;
}

describe('the law of the request', () => {
  it('what is encoded is decoded again, for all that the format can carry', () => {
    fc.assert(
      fc.property(generation, (wanted) => {
        const target = { provider: 'p', model: 'm', quirks: {}, stream: false };
        const { body, warnings } = provider.encodeRequest(wanted, target);
        const { generation: got } = door.decodeRequest(JSON.parse(JSON.stringify(body)));
        expect(warnings).toEqual([]);
        if (!equals(GenerationSchema, got, wanted)) expect(got).toEqual(wanted);
      }),
      { numRuns: 400 },
    );
  });
});
