import { describe, expect, it } from 'vitest';
import { FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { door, provider } from './support/codecs.ts';
import { attemptError, chunkOf, DONE, decodeAll, delta, encodeAll, eventsOf, frame } from './support/drive.ts';
import { assertOrder, readEvents } from './support/plain-reading.ts';

const call = (index: number | undefined, id: string, name: string, input: string) =>
  delta({
    tool_calls: [{ ...(index !== undefined && { index }), id, type: 'function', function: { name, arguments: input } }],
  });
const stop = delta({}, 'stop');
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const usageChunk = chunkOf({ id: 'c1', choices: [], usage: USAGE });

const finishOf = (chunks: readonly string[], quirks = {}) => {
  const last = eventsOf(decodeAll(chunks, quirks)).at(-1);
  if (last?.case !== 'finish') throw new Error('no finish');
  return last.value;
};

describe('tool calls in a stream', () => {
  it('interleaved by index keep their own arguments', () => {
    const chunks = [
      call(0, 'a', 'x', '{"p":'),
      call(1, 'b', 'y', '{"q":'),
      call(0, '', '', '1}'),
      call(1, '', '', '2}'),
    ];
    const reading = readEvents(eventsOf(decodeAll([...chunks, delta({}, 'tool_calls'), DONE])));
    expect(reading.tools).toEqual([
      ['x', { p: 1 }],
      ['y', { q: 2 }],
    ]);
  });

  it('another id at the same index is another call', () => {
    const reading = readEvents(eventsOf(decodeAll([call(0, 'a', 'x', '{}'), call(0, 'b', 'y', '{}'), stop, DONE])));
    expect(reading.tools.map(([name]) => name)).toEqual(['x', 'y']);
  });

  it('without an index are told apart by position, without an id get a derived one', () => {
    const both = delta({
      tool_calls: [{ function: { name: 'x', arguments: '{}' } }, { function: { name: 'y', arguments: '{}' } }],
    });
    const ids = eventsOf(decodeAll([both, stop, DONE])).flatMap((event) =>
      event.case === 'partStart' && event.value.part?.kind.case === 'toolCall' ? [event.value.part.kind.value.id] : [],
    );
    expect(ids).toEqual(['call_0_0', 'call_0_1']);
  });
});

describe('usage in a stream', () => {
  it('the last one given wins and nothing is summed, after [DONE] too', () => {
    const first = delta({ content: 'a' }, null, { usage: { prompt_tokens: 3, completion_tokens: 1 } });
    expect(finishOf([first, stop, DONE, usageChunk]).usage).toMatchObject({ inputTokens: 3, outputTokens: 2 });
  });

  it('null and empty usage do not wipe what was given', () => {
    const chunks = [delta({ content: 'a' }, null, { usage: USAGE }), delta({}, 'stop', { usage: null }), DONE];
    expect(finishOf(chunks).usage?.outputTokens).toBe(2);
  });

  it('a count that was not given stays unset, an explicit zero is zero', () => {
    const usage = finishOf([delta({}, 'stop', { usage: { prompt_tokens: 0 } }), DONE]).usage;
    expect(usage?.inputTokens).toBe(0);
    expect(usage?.outputTokens).toBeUndefined();
    expect(usage?.cacheReadTokens).toBeUndefined();
  });

  it('is found where the provider puts it', () => {
    const chunk = delta({}, 'stop', { x_groq: { usage: USAGE } });
    expect(finishOf([chunk, DONE], { usagePath: ['x_groq', 'usage'] }).usage?.inputTokens).toBe(3);
  });
});

describe('the end of a stream', () => {
  it.each([
    ['nothing at all', []],
    ['content without [DONE]', [delta({ content: 'a' })]],
    ['a finish reason without [DONE]', [stop]],
    ['[DONE] without a finish reason', [delta({ content: 'a' }), DONE]],
    ['[DONE] while one of two choices is open', [stop, chunkOf({ choices: [{ index: 1, delta: {} }] }), DONE]],
  ])('%s is INTERRUPTED', (_, chunks) => {
    expect(attemptError(() => decodeAll(chunks)).failure).toBe('INTERRUPTED');
  });

  it('[DONE] without any choice is EMPTY_RESPONSE', () => {
    expect(attemptError(() => decodeAll([usageChunk, DONE])).failure).toBe('EMPTY_RESPONSE');
  });

  it('finish reasons suffice only where the provider never sends [DONE]', () => {
    expect(finishOf([delta({ content: 'a' }), stop], { endsWithoutDone: true }).choices[0]?.rawReason).toBe('stop');
    expect(attemptError(() => decodeAll([delta({ content: 'a' })], { endsWithoutDone: true })).failure).toBe(
      'INTERRUPTED',
    );
  });

  it('an unknown finish reason is OTHER and keeps its word', () => {
    expect(finishOf([delta({}, 'moon_phase'), DONE]).choices[0]).toMatchObject({
      reason: FinishReason.OTHER,
      rawReason: 'moon_phase',
    });
  });
});

describe('broken frames', () => {
  it.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '1',
    '<html>',
    '{"choices":1}',
    '{"choices":{}}',
    '{"choices":[1]}',
    '{"choices":[null]}',
  ])('%j is MALFORMED', (data) => {
    expect(attemptError(() => provider.createStreamDecoder({}).push(frame(data))).failure).toBe('MALFORMED');
  });

  it.each([
    ['{"error":{"message":"m","type":"overloaded_error"}}', '', 'OVERLOADED'],
    ['{"error":{"message":"m","type":"rate_limit_error"}}', '', 'RATE_LIMITED'],
    ['{"error":{"message":"m","code":502}}', '', 'SERVER_ERROR'],
    ['{"error":"boom"}', '', 'SERVER_ERROR'],
    ['{"message":"m","code":429}', 'error', 'RATE_LIMITED'],
  ])('%s is a classified failure', (data, event, failure) => {
    expect(attemptError(() => provider.createStreamDecoder({}).push(frame(data, event))).failure).toBe(failure);
  });
});

describe('parts of a stream', () => {
  it('thoughts, text and refusals become parts of their own, in order', () => {
    const events = eventsOf(
      decodeAll([
        delta({ reasoning: 'r' }),
        delta({ content: 'a' }),
        delta({ content: 'b' }),
        delta({ refusal: 'n' }),
        stop,
        DONE,
      ]),
    );
    assertOrder(events);
    expect(events.flatMap((event) => (event.case === 'partStart' ? [event.value.part?.kind.case] : []))).toEqual([
      'reasoning',
      'text',
      'refusal',
    ]);
  });
});

describe('the encoder', () => {
  it('takes only usage out of a relayed chunk and leaves every other byte', () => {
    const text =
      '{"id":"c","choices":[{"index":0,"delta":{"content":"\\"usage\\":1"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1},"n":1.0,"big":12345678901234567890}';
    const [sent] = encodeAll(decodeAll([text, DONE]), false);
    expect(sent).toBe(text.replace('"usage":{"prompt_tokens":1},', ''));
  });

  it('does not send a chunk whose only business was usage that nobody asked for', () => {
    expect(encodeAll(decodeAll([stop, usageChunk, DONE]), false)).toEqual([stop, DONE]);
  });

  it('says each finish reason once and [DONE] once, whichever steps keep their wire', () => {
    const steps = decodeAll([
      delta({ role: 'assistant', content: 'a' }),
      delta({ content: 'b' }),
      stop,
      usageChunk,
      DONE,
    ]);
    for (let mask = 0; mask < 2 ** steps.length; mask += 1) {
      const mixed = steps.map((step, at) => ((mask >> at) & 1 ? { events: step.events } : step));
      const sent = encodeAll(mixed, true);
      const chunks = sent.slice(0, -1).map((text) => JSON.parse(text));
      const reasons = chunks.flatMap(({ choices }) => choices).filter(({ finish_reason }) => finish_reason);
      expect(reasons).toHaveLength(1);
      expect(sent.filter((text) => text === DONE)).toEqual([DONE]);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('ab');
      expect(readEvents(eventsOf(decodeAll(sent)))).toMatchObject({ text: 'ab', finish: 'stop', input: 3, output: 2 });
    }
  });

  it('ends a broken stream with an error object and without [DONE]', () => {
    const frames = door
      .createStreamEncoder({ includeUsage: false })
      .encodeError(new SluiceError('STREAM_INTERRUPTED', 'broke'));
    expect(frames.map(({ data }) => JSON.parse(data))).toEqual([
      { error: { message: 'broke', type: 'server_error', param: null, code: 'stream_interrupted' } },
    ]);
  });
});
