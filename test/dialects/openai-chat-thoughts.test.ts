import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ChatResponseSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import type { WireQuirks } from '../../server/core/wire-quirks.ts';
import { door, provider } from './support/codecs.ts';
import { collectEvents } from './support/collect-events.ts';
import { DONE, decodeAll, delta, encodeAll, eventsOf } from './support/drive.ts';

const CLAUDE = [
  { kind: { case: 'reasoning', value: { text: 'hm' } }, signature: 's1', origin: 'anthropic-messages' },
  { kind: { case: 'reasoning', value: { redactedData: 'xx' } }, origin: 'anthropic-messages' },
  { kind: { case: 'text', value: { text: 'hi' } } },
] as const;
const GEMINI = [
  {
    kind: { case: 'toolCall', value: { id: 'c1', name: 'f', input: { case: 'argumentsJson', value: '{}' } } },
    signature: 'g1',
    origin: 'gemini',
  },
] as const;

const answerOf = (parts: unknown) =>
  create(ChatResponseSchema, { choices: [{ parts: parts as never, rawFinishReason: 'stop' }] });
// biome-ignore lint/suspicious/noExplicitAny: JSON as a caller sees it
const messageOf = (parts: unknown): any =>
  JSON.parse(door.encodeResponse({ response: answerOf(parts) })).choices[0].message;
const back = (message: object) =>
  door.decodeRequest({
    model: 'm',
    messages: [{ role: 'user', content: 'a' }, message, { role: 'tool', tool_call_id: 'c1', content: 'r' }],
  } as never).generation.messages[1]?.parts;
const RESULT = { role: Role.TOOL, parts: [{ kind: { case: 'toolResult' as const, value: { callId: 'c1' } } }] };
const sent = (parts: unknown, quirks: WireQuirks = {}) =>
  provider.encodeRequest(
    create(GenerationSchema, {
      model: 'm',
      messages: [
        { role: Role.ASSISTANT, parts: parts as never },
        ...(JSON.stringify(parts).includes('toolCall') ? [RESULT] : []),
      ],
    }),
    { provider: 'p', model: 'm', quirks, stream: false },
  );
const firstOf = ({ body }: ReturnType<typeof sent>) => (body.messages as object[])[0];

describe("a conversation whose thoughts are another format's comes back whole", () => {
  it("Anthropic's, with signature and redacted data, named in OpenRouter's words", () => {
    const message = messageOf(CLAUDE);
    expect(message.reasoning_content).toBe('hm');
    expect(message.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'hm', signature: 's1', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'xx', format: 'anthropic-claude-v1', index: 1 },
    ]);
    expect(back(message)).toMatchObject(CLAUDE);
  });

  it("Gemini's signature of a call, as Google's own API of this format has it", () => {
    const message = messageOf(GEMINI);
    expect(message.tool_calls[0].extra_content).toEqual({ google: { thought_signature: 'g1' } });
    expect(back(message)).toMatchObject(GEMINI);
  });

  it('details that a caller kept as they were streamed, piece by piece, are one thought', () => {
    const format = 'anthropic-claude-v1';
    const reasoning_details = [
      { type: 'reasoning.text', text: 'h', format, index: 0 },
      { type: 'reasoning.text', text: 'm', format, index: 0 },
      { type: 'reasoning.text', signature: 's1', format, index: 0 },
    ];
    expect(back({ role: 'assistant', content: 'hi', reasoning_details })).toMatchObject([CLAUDE[0], CLAUDE[2]]);
  });

  it('words and a signature that a caller kept apart are one thought', () => {
    const reasoning_details = [{ type: 'reasoning.text', text: '', signature: 's1', format: 'anthropic-claude-v1' }];
    const message = { role: 'assistant', content: 'hi', reasoning_content: 'hm', reasoning_details };
    expect(back(message)).toMatchObject([CLAUDE[0], CLAUDE[2]]);
  });

  it('a stream tells the same as the whole answer', () => {
    for (const parts of [CLAUDE, GEMINI]) {
      const events = eventsOf(decodeAll([delta(messageOf(parts)), delta({}, 'stop'), DONE]));
      const streamed = encodeAll(
        events.map((event) => ({ events: [event] })),
        true,
      ).slice(0, -1);
      const deltas = streamed.flatMap((text) =>
        JSON.parse(text).choices.map((choice: { delta: object }) => choice.delta),
      );
      const reasoning_details = deltas.flatMap((one) => one.reasoning_details ?? []);
      const tool_calls = deltas.flatMap((one) => one.tool_calls ?? []);
      const message = messageOf(parts);
      expect(
        back({ role: 'assistant', content: message.content, reasoning_details, tool_calls: tool_calls.slice(0, 1) }),
      ).toMatchObject(parts.map(({ kind: { case: of } }) => ({ kind: { case: of } })));
      expect(tool_calls.map((one) => one.extra_content).filter(Boolean)).toEqual(
        parts === GEMINI ? [{ google: { thought_signature: 'g1' } }] : [],
      );
    }
  });

  it("Gemini's signature of a call as OpenRouter gives it is the call's", () => {
    const reasoning_details = [
      { type: 'reasoning.encrypted', data: 'g1', id: 'c1', format: 'google-gemini-v1', index: 0 },
    ];
    const tool_calls = [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const whole = provider.decodeResponse(
      JSON.stringify({
        choices: [{ message: { content: null, reasoning_details, tool_calls }, finish_reason: 'stop' }],
      }),
      {},
    );
    expect(whole.response.choices[0]?.parts).toMatchObject(GEMINI);
    const streamed = collectEvents(
      eventsOf(decodeAll([delta({ reasoning_details }), delta({ tool_calls }), delta({}, 'stop'), DONE])),
    );
    expect(streamed.choices[0]?.parts[0]?.signature).toBe('g1');
    expect(back({ role: 'assistant', content: null, reasoning_details, tool_calls })).toMatchObject(GEMINI);
  });
});

describe('thoughts go to a provider only where it takes them', () => {
  it('in its own member, without what proves them', () => {
    const request = sent(CLAUDE, { reasoningField: 'reasoning' });
    expect(firstOf(request)).toEqual({ role: 'assistant', content: 'hi', reasoning: 'hm' });
    expect(request.warnings.map(({ field }) => field)).toEqual([
      'generation.messages[0].parts[0].signature',
      'generation.messages[0].parts[1].reasoning.redacted_data',
    ]);
  });

  it('as details with all proofs, at OpenRouter', () => {
    const request = sent([...CLAUDE, ...GEMINI], { reasoningDetails: true });
    expect(firstOf(request)).toMatchObject({
      reasoning_details: [
        { text: 'hm', signature: 's1', format: 'anthropic-claude-v1' },
        { data: 'xx', format: 'anthropic-claude-v1' },
        { data: 'g1', id: 'c1', format: 'google-gemini-v1' },
      ],
    });
    expect(request.warnings).toEqual([]);
  });

  it("nowhere else, and another format's signature of a call is left out by name", () => {
    const request = sent([...CLAUDE, ...GEMINI]);
    expect(firstOf(request)).toEqual({
      role: 'assistant',
      content: 'hi',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    });
    expect(request.warnings.map(({ field }) => field)).toEqual([
      'generation.messages[0].parts[0].signature',
      'generation.messages[0].parts[3].signature',
      'generation.messages[0].parts[0].reasoning',
      'generation.messages[0].parts[1].reasoning.redacted_data',
    ]);
  });

  it("a call's signature that this format gave goes back in it", () => {
    const [call] = GEMINI;
    expect(firstOf(sent([{ ...call, origin: 'openai-chat' }]))).toMatchObject({
      tool_calls: [{ extra_content: { google: { thought_signature: 'g1' } } }],
    });
  });
});

describe('thoughts of answers', () => {
  const partsOf = (message: object, quirks: WireQuirks = {}) =>
    provider.decodeResponse(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }), quirks).response
      .choices[0]?.parts;
  it.each([
    [{ content: 'a', reasoning_content: 'r' }, 'r'],
    [{ content: 'a', reasoning: 'r' }, 'r'],
    [{ content: 'a', reasoning: 'r', reasoning_details: [{ type: 'reasoning.text', text: 'r' }] }, 'r'],
    [
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'r' }] },
          { type: 'text', text: 'a' },
        ],
      },
      'r',
    ],
  ])('%j: found once', (message, text) => {
    expect(partsOf(message)).toMatchObject([
      { kind: { case: 'reasoning', value: { text } } },
      { kind: { case: 'text', value: { text: 'a' } } },
    ]);
  });

  it('between <think> tags stay the text that they came as', () => {
    expect(partsOf({ content: '<think>r</think>a' })).toMatchObject([
      { kind: { case: 'text', value: { text: '<think>r</think>a' } } },
    ]);
  });

  it('the word for a format that Sluice does not speak is kept', () => {
    const [part] =
      partsOf({
        content: 'a',
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', format: 'xai-responses-v1', id: 'rs' }],
      }) ?? [];
    expect(part).toMatchObject({ origin: 'xai-responses-v1', itemId: 'rs' });
    expect(messageOf([part]).reasoning_details).toEqual([
      { type: 'reasoning.encrypted', data: 'x', format: 'xai-responses-v1', id: 'rs', index: 0 },
    ]);
  });
});
