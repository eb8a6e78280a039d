import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { anthropicMessagesProvider } from '../../server/dialects/anthropic-messages/index.ts';
import { bedrockConverseProvider } from '../../server/dialects/bedrock-converse/index.ts';
import { cohereProvider } from '../../server/dialects/cohere/index.ts';

const VALUE = { sluice_value: ['a', { b: 1 }] };
const asked = create(GenerationSchema, {
  messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'Which?' } } }] }],
  responseFormat: { kind: { case: 'jsonSchema', value: { name: 'n', schemaJson: '{"type":"array","items":{}}' } } },
});

const usage = { input_tokens: 1, output_tokens: 1 };
const CASES = [
  {
    title: 'Anthropic, an older model',
    codec: anthropicMessagesProvider,
    model: 'claude-3-haiku-20240307',
    answer: {
      content: [{ type: 'tool_use', id: 't', name: 'sluice_json', input: VALUE }],
      stop_reason: 'tool_use',
      usage,
    },
  },
  {
    title: 'Anthropic, a model that can be held to a schema',
    codec: anthropicMessagesProvider,
    model: 'claude-sonnet-4-5',
    answer: { content: [{ type: 'text', text: JSON.stringify(VALUE) }], stop_reason: 'end_turn', usage },
  },
  {
    title: 'Bedrock',
    codec: bedrockConverseProvider,
    model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
    answer: {
      output: {
        message: { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: 'json', input: VALUE } }] },
      },
      stopReason: 'tool_use',
    },
  },
  {
    title: 'Cohere',
    codec: cohereProvider,
    model: 'command-a-03-2025',
    answer: {
      id: 'r',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text: JSON.stringify(VALUE) }] },
    },
  },
];

describe.each(CASES)('an answer that is to be a list, of $title', ({ codec, model, answer }) => {
  it('is asked for within an object, which is told', () => {
    const { body, warnings } = codec.encodeRequest(asked, { provider: 'p', model, quirks: {}, stream: false });
    expect(JSON.stringify(body)).toMatch(/"type":"object","properties":\{"sluice_value":\{"type":"array"/);
    expect(warnings.map(({ field }) => field)).toContain('generation.response_format.json_schema.schema_json');
  });

  it('is the list itself', () => {
    const { response } = codec.decodeResponse(JSON.stringify(answer), {});
    expect(response.choices[0]?.parts[0]?.kind).toMatchObject({ case: 'text', value: { text: '["a",{"b":1}]' } });
  });
});

it('a streamed answer is the list itself, wherever its text is cut', () => {
  const text = ` {"sluice_value" : ${JSON.stringify(VALUE.sluice_value)} } `;
  for (let cut = 1; cut < text.length; cut += 1) {
    const decoder = anthropicMessagesProvider.createStreamDecoder({});
    const push = (type: string, more: object) =>
      decoder.push({ event: type, data: JSON.stringify({ type, ...more }) }).events;
    const events = [
      ...push('message_start', { message: { id: 'm', model: 'c', usage } }),
      ...push('content_block_start', {
        index: 0,
        content_block: { type: 'tool_use', id: 't', name: 'sluice_json', input: {} },
      }),
      ...[text.slice(0, cut), text.slice(cut)].flatMap((partial_json) =>
        push('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json } }),
      ),
      ...push('content_block_stop', { index: 0 }),
    ];
    const said = events.map(({ case: kind, value }) => (kind === 'partDelta' ? value.delta.value : '')).join('');
    expect(JSON.parse(said)).toEqual(VALUE.sluice_value);
  }
});
