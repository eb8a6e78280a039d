import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { collectEvents } from '../support/collect-events.ts';
import { attemptError } from '../support/drive.ts';
import { decodeAll, door, encodeAll, eventsOf, frame, provider, readAnswer } from './drive.ts';

const start = frame('message-start', { id: 'a1', delta: { message: { role: 'assistant' } } });
const content = (kind: 'start' | 'delta', index: number, value: object, more: object = {}) =>
  frame(`content-${kind}`, { index, delta: { message: { content: value } }, ...more });
const callPiece = (kind: 'start' | 'delta', index: number, value: object) =>
  frame(`tool-call-${kind}`, { index, delta: { message: { tool_calls: value } } });
const cite = (value: object) => frame('citation-start', { index: 0, delta: { message: { citations: value } } });
const end = (more: object = {}) => frame('message-end', { delta: { finish_reason: 'COMPLETE', ...more } });
const collected = (...frames: ReturnType<typeof frame>[]) =>
  collectEvents(eventsOf(decodeAll([start, ...frames, end()])));
const partsOf = (...frames: ReturnType<typeof frame>[]) => readAnswer(collected(...frames)).parts;

describe('parts of a stream', () => {
  it('are thoughts and text, by the kind that they begin with', () => {
    expect(
      partsOf(
        content('start', 0, { type: 'thinking', thinking: '' }),
        content('delta', 0, { thinking: 'hm' }),
        frame('content-end', { index: 0 }),
        content('start', 1, { type: 'text', text: 'a' }),
        content('delta', 1, { text: 'b' }),
      ),
    ).toEqual(['reasoning hm', 'text ab']);
  });

  it('whose beginning did not come begin all the same', () => {
    expect(partsOf(content('delta', 0, { thinking: 'hm' }), content('delta', 1, { text: 'a' }))).toEqual([
      'reasoning hm',
      'text a',
    ]);
  });

  it.each([
    ['null', ['null']],
    ['null in pieces', ['n', 'ul', 'l']],
    ['nothing', []],
    ['an empty text', ['']],
  ])('that are calls without arguments have {}: %s', (_, pieces) => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '' } };
    const deltas = pieces.map((text) => callPiece('delta', 0, { function: { arguments: text } }));
    expect(partsOf(callPiece('start', 0, call), ...deltas, frame('tool-call-end', { index: 0 }))).toEqual([
      'call c f {}',
    ]);
  });

  it('that are calls may grow side by side, and have an id where none came', () => {
    const started = (index: number) => callPiece('start', index, { function: { name: `f${index}`, arguments: '' } });
    const piece = (index: number, text: string) => callPiece('delta', index, { function: { arguments: text } });
    expect(partsOf(started(0), started(1), piece(0, '{"a"'), piece(1, 'nu'), piece(0, ':1}'), piece(1, 'x'))).toEqual([
      'call call_0 f0 {"a":1}',
      'call call_1 f1 nux',
    ]);
  });

  it('carry log probabilities: of a piece of several tokens, of all together', () => {
    const logprobs = { text: 'ab', token_ids: [1, 2], logprobs: [-0.5, -0.25] };
    const events = eventsOf(decodeAll([start, content('delta', 0, { text: 'ab' }, { logprobs }), end()]));
    expect(events.find((event) => event.case === 'partDelta')?.value).toMatchObject({
      logprobs: { content: [{ token: 'ab', logprob: -0.75 }] },
    });
  });

  it('that nobody knows yet are kept as they are', () => {
    const events = eventsOf(decodeAll([start, content('start', 0, { type: 'novel', x: 1 }), frame('novel'), end()]));
    expect(events.find((event) => event.case === 'partStart')?.value).toMatchObject({
      part: { kind: { case: 'raw', value: { dialect: 'cohere', json: '{"type":"novel","x":1}' } } },
    });
  });
});

describe('citations', () => {
  const source = { type: 'document', id: 'doc:0', document: { id: 'doc:0', title: 't' } };
  const text = [content('start', 0, { type: 'text', text: 'four' }), frame('content-end', { index: 0 })];

  it('come after the end of their text, one for each source', () => {
    const page = { type: 'document', id: 'd', document: { url: 'https://a.b/', title: 'u' } };
    const output = { type: 'tool', id: 'f_1:0', tool_output: { a: 1 } };
    const answer = collected(...text, cite({ start: 0, end: 4, text: 'four', sources: [source, page, output] }));
    expect(answer.choices[0]?.parts[0]?.kind.value).toMatchObject({
      annotations: [
        { startIndex: 0, endIndex: 4, kind: { case: 'documentCitation', value: { fileId: 'doc:0', title: 't' } } },
        { startIndex: 0, endIndex: 4, kind: { case: 'urlCitation', value: { url: 'https://a.b/' } } },
        { startIndex: 0, endIndex: 4, kind: { case: 'documentCitation', value: { fileId: 'f_1:0' } } },
      ],
    });
  });

  it('that no text can take are told all the same', () => {
    const plan = { start: 0, end: 1, sources: [source], type: 'PLAN' };
    const answer = collected(...text, cite(plan));
    expect(JSON.parse(answer.providerExtrasJson['cohere'] ?? '')).toEqual({ citations: [plan] });
  });
});

describe('the end of a stream', () => {
  it('is message-end, with usage; nothing after it counts', () => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(start);
    decoder.push(end({ usage: { tokens: { input_tokens: 3 }, billed_units: { input_tokens: 1, output_tokens: 2 } } }));
    expect([decoder.terminated, decoder.usage?.inputTokens, decoder.usage?.outputTokens]).toEqual([true, 3, 2]);
    for (const late of [content('delta', 0, { text: 'x' }), { event: '', data: '[DONE]' }]) {
      expect(decoder.push(late)).toEqual({ events: [] });
    }
    expect(decoder.end().events.at(-1)).toMatchObject({ case: 'finish' });
  });

  it('leaves counts unknown that did not come', () => {
    expect(readAnswer(collected()).tokens).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    [{ finish_reason: 'ERROR', error: 'generation failed' }, 'SERVER_ERROR', 'generation failed'],
    [{ finish_reason: 'TIMEOUT' }, 'TIMEOUT', undefined],
  ])('with %j is no end but a failure, and its usage is known', (delta, failure, words) => {
    const decoder = provider.createStreamDecoder({});
    const error = attemptError(() => decoder.push(end({ ...delta, usage: { tokens: { output_tokens: 2 } } })));
    expect([error.failure, error.providerMessage, decoder.usage?.outputTokens]).toEqual([failure, words, 2]);
    expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
  });

  it('without a reason is INTERRUPTED', () => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame('message-end', { delta: {} }));
    expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
  });

  it('may begin twice: the second beginning says nothing', () => {
    expect(eventsOf(decodeAll([start, start, end()])).filter((event) => event.case === 'start')).toHaveLength(1);
  });
});

describe('an error within a stream', () => {
  it.each([
    ['{"message":"internal"}', 'SERVER_ERROR'],
    [
      '{"message":"too many tokens: total number of tokens in the prompt cannot exceed 4081"}',
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    ['{"type":', 'MALFORMED'],
  ])('%s is %s', (data, failure) => {
    expect(attemptError(() => provider.createStreamDecoder({}).push({ event: '', data })).failure).toBe(failure);
  });
});

describe('what a door writes', () => {
  it('of an error is its message, and no end', () => {
    const encoder = door.createStreamEncoder({ includeUsage: true });
    expect(encoder.encodeError(new SluiceError('INTERNAL', 'oh'))).toEqual([
      { event: 'error', data: '{"message":"oh"}' },
    ]);
  });

  it('of a relayed stream has what nobody knows', () => {
    const frames = [start, frame('novel', { x: 1.5 }), content('delta', 0, { text: 'a', new: [] }), end({ later: 1 })];
    expect(encodeAll(decodeAll(frames))).toEqual(frames);
  });
});
