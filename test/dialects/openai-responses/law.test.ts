import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema, ReasoningEffort, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { door, provider } from './drive.ts';

/**
 * Generations that the format can carry: no names of participants, sampling fields that it lacks, cache marks, signatures
 * or errors of tools; turns of the model and of tools not next to their like, because such neighbours are one turn; results
 * without a tool's name; thoughts that bear an id, each item of them once; ids that fit; schemas as JSON writes them.
 */
const word = fc.string({ minLength: 1, maxLength: 20 });
const origin = 'openai-responses';
const schemaText = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));
const text = fc.string({ maxLength: 20 }).map((value) => ({ kind: { case: 'text' as const, value: { text: value } } }));
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
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const source = fc.oneof(
  fc.webUrl().map((value) => ({ location: { case: 'url' as const, value } })),
  word.map((value) => ({ location: { case: 'fileId' as const, value } })),
);
const sourceOf = (mediaType: string) =>
  fc.oneof(
    source,
    bytes.map((value) => ({ location: { case: 'data' as const, value }, mediaType })),
  );
const originOf = ({ location }: { readonly location: { readonly case: string } }) =>
  location.case === 'fileId' ? { origin } : {};
const image = fc
  .record({ source: sourceOf('image/png'), detail: fc.constantFrom('', 'low', 'original') })
  .map((value) => ({ kind: { case: 'image' as const, value }, ...originOf(value.source) }));
/** Files that are elsewhere have their own names. */
const file = fc.tuple(sourceOf('application/pdf'), word).map(([from, name]) => ({
  kind: {
    case: 'file' as const,
    value: { source: from, filename: from.location.case === 'data' ? `${name}.pdf` : '' },
  },
  ...originOf(from),
}));
const userPart = fc.oneof(text, image, file);

const annotation = fc.oneof(
  fc
    .record({ startIndex: fc.nat(99), endIndex: fc.nat(99), url: fc.webUrl(), title: word })
    .map(({ url, title, ...at }) => ({
      ...at,
      kind: { case: 'urlCitation' as const, value: { url, title } },
    })),
  fc.record({ startIndex: fc.nat(99), fileId: word, title: word }).map(({ startIndex, ...value }) => ({
    startIndex,
    kind: { case: 'documentCitation' as const, value },
  })),
);
const said = fc.record({ text: word, annotations: fc.array(annotation, { maxLength: 2 }) }).map((value) => ({
  kind: { case: 'text' as const, value },
}));
const refusal = word.map((value) => ({ kind: { case: 'refusal' as const, value: { text: value } } }));
const words = fc
  .tuple(fc.array(fc.oneof(said, refusal), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([parts, own]) => ({ parts, own, prefix: 'msg' }));
const call = fc
  .record({ id: word, name: plainName, custom: fc.boolean(), input: schemaText, own: fc.boolean() })
  .map(({ id, name, custom, input, own }) => ({
    parts: [
      {
        kind: {
          case: 'toolCall' as const,
          value: { id, name, input: { case: custom ? ('text' as const) : ('argumentsJson' as const), value: input } },
        },
      },
    ],
    own,
    prefix: 'fc',
  }));
const reasoning = (value: { text?: string; summary?: boolean; redactedData?: string }) => ({
  kind: { case: 'reasoning' as const, value },
});
const thoughts = fc
  .tuple(fc.array(word, { maxLength: 2 }), fc.array(word, { maxLength: 2 }), fc.option(word, { nil: '' }))
  .map(([summary, plain, redactedData]) => {
    const parts = [
      ...summary.map((value) => reasoning({ text: value, summary: true })),
      ...plain.map((value) => reasoning({ text: value })),
      ...(redactedData === '' ? [] : [reasoning({ redactedData })]),
    ];
    return { parts: parts.length === 0 ? [reasoning({})] : parts, own: true, prefix: 'rs' };
  });
const hosted = fc.constantFrom('web_search_call', 'item_reference', 'compaction', 'mcp_list_tools').map((type) => ({
  parts: [{ kind: { case: 'raw' as const, value: { dialect: origin, json: '' } } }],
  own: true,
  prefix: type,
}));

/** The ids of a turn's items are told apart by their position; words without an id are not next to their like. */
const assistant = fc.array(fc.oneof(words, call, thoughts, hosted), { minLength: 1, maxLength: 5 }).map((items) => {
  const apart = items.filter(
    (item, at) => item.own || item.prefix !== 'msg' || items[at - 1]?.prefix !== 'msg' || items[at - 1]?.own,
  );
  const parts = apart.flatMap(({ parts: own, own: owned, prefix }, at) => {
    const itemId = `${prefix}_${at}`;
    return own.map((part) => {
      const kind =
        part.kind.case === 'raw'
          ? { ...part.kind, value: { dialect: origin, json: JSON.stringify({ type: prefix, id: itemId }) } }
          : part.kind;
      return { kind, ...(owned && { itemId, origin }) };
    });
  });
  return { role: Role.ASSISTANT, parts };
});
const result = fc.record({ callId: word, parts: fc.array(userPart, { minLength: 1, maxLength: 3 }) }).map((value) => ({
  kind: { case: 'toolResult' as const, value },
}));
const tool = fc.array(result, { minLength: 1, maxLength: 3 }).map((parts) => ({ role: Role.TOOL, parts }));
const asked = fc.record({
  role: fc.constantFrom(Role.SYSTEM, Role.DEVELOPER, Role.USER),
  parts: fc.array(userPart, { minLength: 1, maxLength: 4 }),
});
const conversation = fc
  .array(fc.oneof(asked, assistant, tool), { minLength: 1, maxLength: 6 })
  .map((turns) =>
    turns.filter(({ role }, at) => role !== turns[at - 1]?.role || (role !== Role.ASSISTANT && role !== Role.TOOL)),
  );

const tools = fc.array(
  fc.oneof(
    fc
      .record(
        { name: plainName, description: word, parametersJsonSchema: objectText, strict: fc.boolean() },
        { requiredKeys: ['name', 'strict'] },
      )
      .map((value) => ({ kind: { case: 'function' as const, value } })),
    fc
      .record({ name: plainName, formatJson: schemaText })
      .map((value) => ({ kind: { case: 'custom' as const, value } })),
    schemaText
      .filter((text) => !text.includes('"type"'))
      .map((configJson) => ({
        kind: { case: 'provider' as const, value: { type: 'web_search', configJson, dialect: origin } },
      })),
  ),
  { maxLength: 3 },
);
const generation = fc
  .record(
    {
      messages: conversation,
      tools,
      toolChoice: fc.oneof(
        fc.constantFrom(ToolChoiceMode.AUTO, ToolChoiceMode.NONE, ToolChoiceMode.REQUIRED).map((mode) => ({ mode })),
        word.map((toolName) => ({ mode: ToolChoiceMode.TOOL, toolName })),
        fc
          .array(word, { minLength: 1, maxLength: 3 })
          .map((allowedToolNames) => ({ mode: ToolChoiceMode.AUTO, allowedToolNames })),
      ),
      parallelToolCalls: fc.boolean(),
      maxOutputTokens: fc.integer({ min: 16, max: 2 ** 32 - 1 }),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      logprobs: fc.constant(true),
      topLogprobs: fc.integer({ min: 0, max: 20 }),
      responseFormat: fc.oneof(
        fc.constant({ kind: { case: 'text' as const, value: {} } }),
        fc
          .record({ name: plainName, description: word, schemaJson: objectText, strict: fc.boolean() })
          .map((value) => ({ kind: { case: 'jsonSchema' as const, value } })),
      ),
      reasoning: fc.record({
        effort: fc.constantFrom(ReasoningEffort.NONE, ReasoningEffort.LOW, ReasoningEffort.MAX),
        summary: fc.constantFrom('', 'auto', 'detailed'),
      }),
      verbosity: fc.constantFrom(Verbosity.LOW, Verbosity.HIGH),
      serviceTier: word,
      promptCacheKey: word,
      endUserId: word,
      store: fc.boolean(),
      previousResponseId: word,
    },
    // Calls and results may have their counterparts in what the provider stores.
    { requiredKeys: ['messages', 'tools', 'previousResponseId'] },
  )
  .map(({ toolChoice, ...init }) => {
    const choice = toolChoice && choosable(toolChoice, init.tools);
    return create(GenerationSchema, { ...init, ...(choice && { toolChoice: choice }), model: 'm' });
  });

/** A choice among the tools that are there: others are not sent. */
function choosable<C extends { mode: ToolChoiceMode }>(
  choice: C,
  all: readonly { kind: { value: { name: string } | { type: string } } }[],
): C | undefined {
  const names = all.map(({ kind: { value } }) => ('name' in value ? value.name : value.type));
  const [toolName] = names;
  if (toolName === undefined) return undefined;
  if ('toolName' in choice) return { ...choice, toolName };
  return 'allowedToolNames' in choice ? { ...choice, allowedToolNames: names } : choice;
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
