import { create, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { type Generation, GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../gen/sluice/v1/tool_pb.ts';
import { answerEvents } from '../../server/simulator/answer-events.ts';
import { decideBehaviour } from '../../server/simulator/behaviour.ts';
import { type AnswerPlan, type PlannedPart, planAnswer } from '../../server/simulator/plan.ts';
import { countPromptTokens } from '../../server/simulator/tokens.ts';
import { wholeAnswer } from '../../server/simulator/whole-answer.ts';

type GenerationInit = MessageInitShape<typeof GenerationSchema>;

function ask(prompt: string, more: GenerationInit = {}): Generation {
  const parts = [{ kind: { case: 'text' as const, value: { text: prompt } } }];
  return create(GenerationSchema, { model: 'simulated-chat', messages: [{ role: Role.USER, parts }], ...more });
}

function plan(generation: Generation, settings: Parameters<typeof decideBehaviour>[1] = {}, seed = 1): AnswerPlan {
  return planAnswer(generation, decideBehaviour({ headers: {}, model: 'm' }, settings, {}), seed);
}

function textOf(part: PlannedPart | undefined): string {
  return part?.pieces.map(({ text }) => text).join('') ?? '';
}

const WEATHER = {
  kind: {
    case: 'function' as const,
    value: {
      name: 'get_weather',
      parametersJsonSchema: '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
    },
  },
};
const CLOCK = { kind: { case: 'function' as const, value: { name: 'get_time' } } };
const NOTE = { kind: { case: 'custom' as const, value: { name: 'take_note' } } };

describe('an answer in words', () => {
  test('quotes the question, says that it is simulated and has about 20 to 60 tokens', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 40 }), fc.nat(), (prompt, seed) => {
        const { choices, usage } = plan(ask(prompt), {}, seed);
        const text = textOf(choices[0]?.parts[0]);
        expect(text).toContain(prompt.split(' ').slice(0, 12).join(' '));
        expect(text).toMatch(/simulat/);
        expect(usage.outputTokens).toBeGreaterThanOrEqual(20);
        expect(usage.outputTokens).toBeLessThanOrEqual(70);
      }),
    );
  });

  test('is the same for the same question and seed, and another for another seed', () => {
    const texts = [1, 1, 2, 3, 4].map((seed) => textOf(plan(ask('Why?'), {}, seed).choices[0]?.parts[0]));
    expect(texts[0]).toBe(texts[1]);
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  test('has exactly the length that is asked for', () => {
    for (const outputTokens of [0, 1, 7, 500]) {
      expect(plan(ask('Why?'), { outputTokens }).usage.outputTokens).toBe(outputTokens);
    }
  });

  test('is cut at the limit, with the reason length', () => {
    const { choices, usage } = plan(ask('Why?', { maxOutputTokens: 5 }));
    expect(usage.outputTokens).toBe(5);
    expect(choices[0]?.finish).toBe(FinishReason.LENGTH);
  });

  test('ends with the reason stop where the limit is not reached', () => {
    expect(plan(ask('Why?', { maxOutputTokens: 500 })).choices[0]?.finish).toBe(FinishReason.STOP);
  });

  test('ends before a stop text', () => {
    const text = textOf(plan(ask('Why?', { stop: ['“', 'never said'] })).choices[0]?.parts[0]);
    expect(text).toMatch(/wrote $/);
  });

  test('comes as often as asked', () => {
    expect(plan(ask('Why?', { n: 3 })).choices).toHaveLength(3);
  });
});

describe('thoughts', () => {
  const generation = ask('Why?', { model: 'simulated-reasoning' });

  test('come first and count as reasoning tokens within the output', () => {
    const { choices, usage } = plan(generation);
    expect(choices[0]?.parts.map(({ kind }) => kind)).toEqual(['reasoning', 'text']);
    expect(usage.reasoningTokens).toBe(choices[0]?.parts[0]?.pieces.length);
    expect(usage.outputTokens).toBeGreaterThan(usage.reasoningTokens ?? 0);
  });

  test('use up the limit first', () => {
    const { choices } = plan({ ...generation, maxOutputTokens: 3 });
    expect(choices[0]?.parts.map(({ kind }) => kind)).toEqual(['reasoning']);
    expect(choices[0]?.finish).toBe(FinishReason.LENGTH);
  });
});

describe('tools', () => {
  const called = (generation: Generation): readonly string[] =>
    plan(generation).choices.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.kind === 'tool-call' ? [part.name] : [])),
    );
  const tools = [WEATHER, CLOCK, NOTE];

  test('that the question mentions are called, several of them too', () => {
    expect(called(ask('please get weather for Rome and call get_time', { tools }))).toEqual([
      'get_weather',
      'get_time',
    ]);
  });

  test('are called one at a time where parallel calls are not wanted', () => {
    expect(called(ask('get weather, get_time', { tools, parallelToolCalls: false }))).toEqual(['get_weather']);
  });

  test('are called where the question has the word tool', () => {
    expect(called(ask('Use a tool.', { tools }))).toEqual(['get_weather']);
  });

  test('are left alone by other questions', () => {
    expect(called(ask('How are you?', { tools }))).toEqual([]);
  });

  test('are called as the choice says', () => {
    expect(called(ask('Hi', { tools, toolChoice: { mode: ToolChoiceMode.REQUIRED } }))).toEqual(['get_weather']);
    expect(called(ask('Hi', { tools, toolChoice: { mode: ToolChoiceMode.TOOL, toolName: 'take_note' } }))).toEqual([
      'take_note',
    ]);
    expect(called(ask('get weather', { tools, toolChoice: { mode: ToolChoiceMode.NONE } }))).toEqual([]);
    const allowed = { mode: ToolChoiceMode.REQUIRED, allowedToolNames: ['get_time'] };
    expect(called(ask('get weather', { tools, toolChoice: allowed }))).toEqual(['get_time']);
  });

  test('get arguments that fit their schema, and the answer ends for their sake', () => {
    const { choices } = plan(ask('get weather', { tools }));
    expect(JSON.parse(textOf(choices[0]?.parts[0]))).toEqual({ city: expect.any(String) });
    expect(choices[0]?.finish).toBe(FinishReason.TOOL_CALLS);
  });

  test('are followed by words once they have answered', () => {
    const result = { parts: [{ kind: { case: 'text' as const, value: { text: '21 degrees' } } }] };
    const answered = ask('', {
      tools,
      toolChoice: { mode: ToolChoiceMode.REQUIRED },
      messages: [{ role: Role.TOOL, parts: [{ kind: { case: 'toolResult' as const, value: result } }] }],
    });
    expect(textOf(plan(answered).choices[0]?.parts[0])).toContain('The tool answered “21 degrees”');
  });

  test('of several answers have ids of their own', () => {
    const { choices } = plan(ask('get weather and get_time', { tools, n: 3 }));
    const ids = choices.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'tool-call' ? [part.id] : [])));
    expect(new Set(ids).size).toBe(6);
  });
});

describe('usage', () => {
  test('grows with the prompt and counts what is read from a cache within it', () => {
    expect(countPromptTokens(ask('one two three'))).toBe(countPromptTokens(ask('one')) + 2);
    const { usage } = plan(ask('Why?'), { cachedTokens: 1_000_000 });
    expect(usage.cacheReadTokens).toBe(usage.inputTokens);
  });

  test('of the output is the sum of the tokens that the events take, thoughts and calls and all choices', () => {
    const requests = fc.record({
      model: fc.constantFrom('simulated-chat', 'simulated-reasoning'),
      n: fc.integer({ min: 1, max: 3 }),
      maxOutputTokens: fc.integer({ min: 1, max: 80 }),
      tools: fc.constantFrom<(typeof WEATHER | typeof CLOCK)[]>([], [WEATHER, CLOCK]),
    });
    fc.assert(
      fc.property(requests, (more) => {
        const planned = plan(ask('get weather and get_time', more));
        const head = { id: 'x', model: 'm', createTime: undefined as never, logprobs: undefined };
        const events = [...answerEvents(planned, head)];
        expect(events.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(planned.usage.outputTokens);
      }),
    );
  });
});

test('the events of an answer add up to the answer in one piece', () => {
  const generation = ask('get weather', { model: 'simulated-reasoning', n: 2, tools: [WEATHER] });
  const planned = plan(generation);
  const head = { id: 'x', model: 'm', createTime: undefined as never, logprobs: undefined };
  const texts = new Map<string, string>();
  for (const { events } of answerEvents(planned, head)) {
    for (const event of events) {
      if (event.case !== 'partDelta') continue;
      const key = `${event.value.choice}.${event.value.index}`;
      texts.set(key, (texts.get(key) ?? '') + String(event.value.delta.value));
    }
  }
  const whole = wholeAnswer(planned, head).choices.flatMap(({ index, parts }) =>
    parts.map((part, i): [string, string] => {
      const { kind } = part;
      return [
        `${index}.${i}`,
        kind.case === 'toolCall'
          ? String(kind.value.input.value)
          : kind.case === 'text' || kind.case === 'reasoning'
            ? kind.value.text
            : '',
      ];
    }),
  );
  expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(whole));
});
