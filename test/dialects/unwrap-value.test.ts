import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { openAiChatProvider } from '../../server/dialects/openai-chat/index.ts';

const TARGET = { provider: 'p', model: 'm', quirks: {}, stream: false };
const LIST =
  '{"type":"array","items":{"$ref":"#/$defs/a"},"$defs":{"a":{"type":"object","properties":{"more":{"$ref":"#"}}}}}';
const asking = (init: object) =>
  create(GenerationSchema, {
    model: 'm',
    messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'List them.' } } }] }],
    ...init,
  });
const completion = (message: object) =>
  JSON.stringify({ id: 'c', model: 'm', created: 1, choices: [{ index: 0, message, finish_reason: 'stop' }] });
const wrapped = (value: string, space = '') =>
  `${space}{${space}"sluice_value"${space}:${space}${value}${space}}${space}`;

/** The text of a streamed answer whose pieces are as given. */
function streamed(pieces: readonly string[]): string {
  const decoder = openAiChatProvider.createStreamDecoder({});
  const frames = [
    ...pieces.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ].map((chunk) => ({ event: '', data: JSON.stringify({ id: 'c', model: 'm', created: 1, ...chunk }) }));
  const steps = [...frames, { event: '', data: '[DONE]' }].map((frame) => decoder.push(frame));
  return [...steps, decoder.end()]
    .flatMap(({ events }) => events)
    .map(({ case: kind, value }) => (kind === 'partDelta' && value.delta.case === 'text' ? value.delta.value : ''))
    .join('');
}

const pieces = (text: string, cuts: readonly number[]): string[] => {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
};
const cuts = fc.array(fc.nat(500), { maxLength: 8 });
const space = fc.constantFrom('', ' ', '\n  ');

describe('a schema of no plain object', () => {
  it('is sent within one, its references along, and told of', () => {
    const { body, warnings } = openAiChatProvider.encodeRequest(
      asking({
        responseFormat: { kind: { case: 'jsonSchema', value: { name: 'all', schemaJson: LIST, strict: true } } },
      }),
      TARGET,
    );
    expect(body['response_format']).toMatchObject({
      json_schema: {
        schema: {
          type: 'object',
          required: ['sluice_value'],
          properties: { sluice_value: { type: 'array', items: { $ref: '#/$defs/a' } } },
          $defs: { a: { properties: { more: { $ref: '#/properties/sluice_value' } } } },
        },
      },
    });
    expect(warnings).toMatchObject([
      { code: WarningCode.EMULATED, field: 'generation.response_format.json_schema.schema_json' },
      { code: WarningCode.APPROXIMATED, field: 'generation.response_format.json_schema.strict' },
    ]);
  });

  it('of a tool is wrapped in the calls before, too', () => {
    const call = { id: 'c1', name: 'pick', input: { case: 'argumentsJson' as const, value: '{"a":1}' } };
    const schema = '{"anyOf":[{"type":"object","properties":{"a":{"type":"number"}}},{"type":"object"}]}';
    const { body } = openAiChatProvider.encodeRequest(
      asking({
        messages: [{ role: Role.ASSISTANT, parts: [{ kind: { case: 'toolCall', value: call } }] }],
        tools: [{ kind: { case: 'function', value: { name: 'pick', parametersJsonSchema: schema } } }],
      }),
      TARGET,
    );
    expect(body['messages']).toMatchObject([
      { tool_calls: [{ function: { arguments: '{"sluice_value":{"a":1}}' } }] },
      { role: 'tool' },
    ]);
  });
});

describe('an answer to it', () => {
  it('is the value itself, in words and in calls', () => {
    const { response } = openAiChatProvider.decodeResponse(
      completion({
        role: 'assistant',
        content: wrapped('[1, {"a": 2}]', ' '),
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'pick', arguments: wrapped('{"a":{}}') } }],
      }),
      {},
    );
    expect(response.choices[0]?.parts.map(({ kind }) => kind)).toMatchObject([
      { value: { text: '[1, {"a": 2}]' } },
      { value: { input: { value: '{"a":{}}' } } },
    ]);
  });

  it('is the same streamed, however it is cut', () => {
    fc.assert(
      fc.property(fc.json(), space, cuts, (value, between, at) => {
        expect(JSON.parse(streamed(pieces(wrapped(value, between), at)))).toEqual(JSON.parse(value));
      }),
    );
  });

  it('that was not asked for so stays as it is, however it is cut', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('{', ' {"sluice_', '{"sluice_value"', '{ "a": {}}', '}', '{"sluice_valu":1}'),
    );
    fc.assert(
      fc.property(text, cuts, (value, at) => {
        expect(streamed(pieces(value, at))).toBe(value);
      }),
    );
  });
});
