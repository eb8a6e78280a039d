import { clone, create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { AttemptReason, type Decision } from '../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { schemaCheck } from '../../server/core/schema-check.ts';
import type { AttemptFailure } from '../../server/errors/attempt-error.ts';
import type { SluiceError } from '../../server/errors/sluice-error.ts';
import { type ChatInput, chat } from '../../server/pipeline/chat.ts';
import { streamChat } from '../../server/pipeline/stream-chat.ts';
import type { FallbackPolicy, Target } from '../../server/routing/route.ts';
import type { Answer } from '../support/fake-upstream.ts';
import { type Bench, chunk, createBench, DONE, ROLE, USAGE } from '../support/pipeline.ts';

// Answers that are no answers, where a route says so.

const TARGETS: readonly Target[] = [
  { name: 'a', provider: 'one', model: 'm' },
  { name: 'b', provider: 'two', model: 'n' },
];
const SCHEMA = JSON.stringify({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
});

interface Said {
  readonly content?: string;
  readonly refusal?: string;
  readonly finish?: string;
}

/** An answer of OpenAI's format in each way. */
const FORMS = {
  unary: ({ content = '', refusal, finish = 'stop' }: Said): Answer => ({
    headers: { 'content-type': 'application/json' },
    chunks: [
      JSON.stringify({
        id: 'c1',
        object: 'chat.completion',
        created: 1,
        model: 'm-1',
        choices: [
          { index: 0, message: { role: 'assistant', content, refusal: refusal ?? null }, finish_reason: finish },
        ],
        usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      }),
    ],
  }),
  stream: ({ content = '', refusal, finish = 'stop' }: Said): Answer => ({
    chunks: [
      ROLE,
      ...(content === '' ? [] : [chunk({ content })]),
      ...(refusal === undefined ? [] : [chunk({ refusal })]),
      chunk({}, finish),
      USAGE,
      DONE,
    ],
  }),
} as const;

type Way = keyof typeof FORMS;

/** What the caller got, or why nothing. */
interface Ending {
  readonly text: string;
  readonly reason: string;
  readonly decision: Decision | undefined;
}

async function read(way: Way, bench: Bench, input: ChatInput): Promise<Omit<Ending, 'reason'>> {
  if (way === 'unary') {
    const { response } = await chat(bench.deps, input);
    const parts = response.choices.flatMap((choice) => choice.parts);
    const text = parts
      .map(({ kind }) => (kind.case === 'text' || kind.case === 'refusal' ? kind.value.text : ''))
      .join('');
    return { text, decision: response.decision };
  }
  const events = [];
  for await (const batch of (await streamChat(bench.deps, input)).batches)
    events.push(...batch.flatMap((step) => step.events));
  const text = events
    .map((event) => (event.case === 'partDelta' && event.value.delta.case === 'text' ? event.value.delta.value : ''))
    .join('');
  const last = events.at(-1);
  return { text, decision: last?.case === 'finish' ? last.value.decision : undefined };
}

async function ask(
  way: Way,
  answers: readonly Said[],
  {
    on,
    bufferStreams = true,
    schema = false,
  }: { on?: readonly AttemptFailure[]; bufferStreams?: boolean; schema?: boolean },
) {
  const fallback: FallbackPolicy = { ...(on && { on: new Set(on) }), streams: true, allowed: true, bufferStreams };
  const bench = createBench({
    answers: answers.map(FORMS[way]),
    targets: TARGETS,
    retry: { maxAttemptsPerTarget: 1 },
    route: { fallback },
  });
  const input = bench.input();
  const generation = clone(GenerationSchema, input.generation);
  if (schema) {
    const kind = { case: 'jsonSchema' as const, value: { name: 'x', schemaJson: SCHEMA } };
    generation.responseFormat = create(GenerationSchema, { model: '', responseFormat: { kind } }).responseFormat;
  }
  const failed = (error: SluiceError): Ending => ({ text: '', reason: error.reason, decision: error.decision });
  const result = read(way, bench, { ...input, generation }).then((good) => ({ ...good, reason: 'OK' }), failed);
  await bench.clock.advance(1000);
  const ending = await result;
  const tried = ending.decision?.attempts.map(({ target, reason }) => [target, reason]);
  return { ...ending, tried, bodies: bench.upstream.requests.map(({ body }) => JSON.parse(body ?? '')) };
}

describe.each(['unary', 'stream'] as const)('%s', (way) => {
  it.each([
    ['empty', { content: ' ' }, 'EMPTY_RESPONSE'],
    ['refused', { refusal: 'I will not.' }, 'REFUSAL'],
    ['filtered', { finish: 'content_filter' }, 'CONTENT_FILTERED'],
  ] as const)(
    'an answer that is %s goes on to the next target where the route names it, and not otherwise',
    async (name, bad, failure) => {
      // Blank words of a stream are words: only one without any is empty.
      const said = name === 'empty' && way === 'stream' ? {} : bad;
      const gated = await ask(way, [said, { content: 'Hi' }], { on: [failure] });
      expect(gated.tried).toEqual([
        ['a', AttemptReason[failure]],
        ['b', AttemptReason.SUCCESS],
      ]);
      expect(gated.text).toBe('Hi');
      expect((await ask(way, [said, { content: 'Hi' }], {})).tried).toEqual([['a', AttemptReason.SUCCESS]]);
    },
  );

  it('the last refusal is the answer', async () => {
    const { tried, text, reason } = await ask(way, [{ refusal: 'No.' }, { refusal: 'Never.' }], { on: ['REFUSAL'] });
    expect(tried).toEqual([
      ['a', AttemptReason.REFUSAL],
      ['b', AttemptReason.SUCCESS],
    ]);
    expect([text, reason]).toEqual(['Never.', 'OK']);
  });

  it('an answer that does not meet its schema is repaired once, with its error, by the same target', async () => {
    const { tried, text, bodies } = await ask(way, [{ content: '{"town":1}' }, { content: '{"city":"Rome"}' }], {
      on: ['SCHEMA_INVALID'],
      schema: true,
    });
    expect(tried).toEqual([
      ['a', AttemptReason.SCHEMA_INVALID],
      ['a', AttemptReason.SUCCESS],
    ]);
    expect(text).toBe('{"city":"Rome"}');
    const [, told, complaint] = bodies[1].messages;
    expect(told).toMatchObject({ role: 'assistant', content: '{"town":1}' });
    expect(JSON.stringify(complaint)).toContain("must have required property 'city'");
  });

  it('then the next target is tried with the question as it was, and at last the caller is told', async () => {
    const { tried, reason, bodies, decision } = await ask(way, [{ content: 'Rome' }], {
      on: ['SCHEMA_INVALID'],
      schema: true,
    });
    expect(tried?.map(([target]) => target)).toEqual(['a', 'a', 'b', 'b']);
    expect(reason).toBe('UPSTREAM_MALFORMED');
    expect(bodies.map(({ messages }) => messages.length)).toEqual([1, 3, 1, 3]);
    expect(decision?.usage?.outputTokens).toBe(8);
  });

  it('an answer that meets its schema passes, and so does one that was cut at its length', async () => {
    for (const said of [{ content: '{"city":"Rome"}' }, { content: '{"ci', finish: 'length' }]) {
      expect((await ask(way, [said], { on: ['SCHEMA_INVALID'], schema: true })).tried).toEqual([
        ['a', AttemptReason.SUCCESS],
      ]);
    }
  });
});

it('a stream that is not held back is not checked by its schema', async () => {
  const { text } = await ask('stream', [{ content: 'Rome' }], {
    on: ['SCHEMA_INVALID'],
    schema: true,
    bufferStreams: false,
  });
  expect(text).toBe('Rome');
});

describe('a schema that would take a validator too long', () => {
  it.each([
    ['a pattern', JSON.stringify({ type: 'string', pattern: '^(a+)+$' }), JSON.stringify(`${'a'.repeat(40)}!`)],
    [
      'branches of branches',
      JSON.stringify({
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          Array.from({ length: 40 }, (_, at) => [
            `d${at}`,
            at === 39
              ? { type: 'string' }
              : { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
          ]),
        ),
      }),
      '1',
    ],
  ])('(%s) is given up on, and the answer passes', (_name, schema, text) => {
    const check = schemaCheck(schema);
    const startedAt = performance.now();
    expect(check(text)).toEqual({ kind: 'unknown' });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
