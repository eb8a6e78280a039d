import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema, ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { door, provider } from './drive.ts';

/**
 * Generations that the format can carry: no names, marks, signatures or files; thoughts and words before calls; a message
 * for each result; schemas as JSON writes them; strictness that is one for all tools; a form only without tools.
 */
const word = fc.string({ minLength: 1, maxLength: 20 });
const object = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));
/** Of a tool, or of an answer that a model can be held to. */
const parameters = object.map((text) => JSON.stringify({ ...JSON.parse(text), type: 'object' }));
const held = object.map((text) =>
  JSON.stringify({ type: 'object', required: Object.keys(JSON.parse(text)).concat('z') }),
);
const text = word.map((value) => ({ kind: { case: 'text' as const, value: { text: value } } }));
const objectText = object.map((value) => ({ kind: { case: 'text' as const, value: { text: value } } }));
const thought = word.map((value) => ({ kind: { case: 'reasoning' as const, value: { text: value } } }));
const image = fc.oneof(
  fc.webUrl().map((value) => ({
    kind: {
      case: 'image' as const,
      value: { source: { location: { case: 'url' as const, value } }, detail: 'high' },
    },
  })),
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((value) => ({
    kind: {
      case: 'image' as const,
      value: { source: { location: { case: 'data' as const, value }, mediaType: 'image/png' } },
    },
  })),
);
const toolName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,20}$/);
const call = fc.tuple(toolName, object).map(([name, value]) => ({
  kind: { case: 'toolCall' as const, value: { id: '', name, input: { case: 'argumentsJson' as const, value } } },
}));
const answer = fc.array(fc.oneof(text, objectText), { minLength: 1, maxLength: 3 });
/** A message, or the model's with the results of its calls behind it. */
const turn = fc.oneof(
  fc.array(text, { minLength: 1, maxLength: 3 }).map((parts) => [{ role: Role.SYSTEM, parts }]),
  fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 4 }).map((parts) => [{ role: Role.USER, parts }]),
  fc
    .tuple(
      fc.array(thought, { maxLength: 2 }),
      fc.array(text, { maxLength: 2 }),
      fc.array(fc.tuple(call, answer), { maxLength: 3 }),
    )
    .filter((parts) => parts.flat().length > 0)
    .map(([thoughts, words, calls]) => [
      { role: Role.ASSISTANT, parts: [...thoughts, ...words, ...calls.map(([one]) => one)] },
      ...calls.map(([, parts]) => ({
        role: Role.TOOL,
        parts: [{ kind: { case: 'toolResult' as const, value: { callId: '', parts } } }],
      })),
    ]),
);
interface Speech {
  readonly parts: readonly { readonly kind: { readonly case: string; readonly value: object } }[];
}

/** Calls with ids that differ, and results with those of their calls. */
function withIds<S extends Speech>(messages: readonly S[]): readonly S[] {
  let calls = 0;
  let results = 0;
  for (const { kind } of messages.flatMap(({ parts }) => parts)) {
    if (kind.case === 'toolCall') Object.assign(kind.value, { id: `call ${++calls}` });
    if (kind.case === 'toolResult') Object.assign(kind.value, { callId: `call ${++results}` });
  }
  return messages;
}

const tools = fc.array(
  fc.record({ name: toolName, description: word, parametersJsonSchema: parameters }).map((value) => ({
    kind: { case: 'function' as const, value: { ...value, strict: true } },
  })),
  { minLength: 1, maxLength: 3 },
);
const form = fc.oneof(
  fc.constant({ kind: { case: 'text' as const, value: {} } }),
  fc.constant({ kind: { case: 'jsonObject' as const, value: {} } }),
  held.map((schemaJson) => ({ kind: { case: 'jsonSchema' as const, value: { schemaJson } } })),
);
const share = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);
const settings = fc.record(
  {
    maxOutputTokens: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    temperature: share(0, 2),
    topP: share(0.01, 0.99),
    topK: fc.integer({ min: 0, max: 500 }),
    frequencyPenalty: share(0, 1),
    presencePenalty: share(0, 1),
    seed: fc.maxSafeNat().map(BigInt),
    stop: fc.array(word, { maxLength: 5 }),
    logprobs: fc.boolean(),
    reasoning: fc.oneof(
      fc.constant({}),
      fc.constant({ effort: ReasoningEffort.NONE }),
      fc.integer({ min: 1, max: 99_999 }).map((budgetTokens) => ({ budgetTokens })),
    ),
  },
  { requiredKeys: [] },
);
const ask = fc.oneof(
  form.map((responseFormat) => ({ responseFormat })),
  fc.record({
    tools,
    toolChoice: fc.constantFrom(ToolChoiceMode.REQUIRED, ToolChoiceMode.NONE).map((mode) => ({ mode })),
  }),
);
const generation = fc
  .tuple(fc.array(turn, { minLength: 1, maxLength: 5 }), settings, ask)
  .map(([turns, set, asked]) =>
    create(GenerationSchema, { messages: withIds(turns.flat() as Speech[]), ...set, ...asked, model: 'm' } as object),
  );

describe('the law of the request', () => {
  it('what is encoded is decoded again, for all that the format can carry', () => {
    fc.assert(
      fc.property(generation, fc.boolean(), (wanted, stream) => {
        const target = { provider: 'p', model: 'm', quirks: {}, stream };
        const { body, warnings } = provider.encodeRequest(wanted, target);
        const decoded = door.decodeRequest(JSON.parse(JSON.stringify(body)));
        expect(warnings).toEqual([]);
        expect(decoded.stream).toBe(stream);
        if (!equals(GenerationSchema, decoded.generation, wanted)) expect(decoded.generation).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });
});
