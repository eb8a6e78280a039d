import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { collectEvents } from '../support/collect-events.ts';
import { attemptError } from '../support/drive.ts';
import {
  decodeAll,
  delta,
  door,
  encodeAll,
  eventsOf,
  finishWord,
  frame,
  provider,
  startCall,
  stop,
  streamOf,
} from './drive.ts';

const collected = (...args: Parameters<typeof streamOf>) => collectEvents(eventsOf(decodeAll(streamOf(...args))));
const usageAfter = (...usages: object[]) => {
  const decoder = provider.createStreamDecoder({});
  for (const usage of usages) decoder.push(frame('metadata', { usage }));
  return decoder.usage;
};

describe('the end of a stream', () => {
  it('is messageStop; usage that comes after it counts', () => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame('messageStop', { stopReason: 'end_turn' }));
    expect(decoder.terminated).toBe(true);
    decoder.push(frame('metadata', { usage: { inputTokens: 3, outputTokens: 4 }, trace: { a: 1 } }));
    const [last] = decoder.end().events.slice(-1);
    expect(last).toMatchObject({
      case: 'finish',
      value: {
        usage: { inputTokens: 3, outputTokens: 4 },
        providerExtrasJson: { 'bedrock-converse': '{"trace":{"a":1}}' },
      },
    });
  });

  it('lets nothing after it in but usage, not even errors', () => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame('messageStop', { stopReason: 'end_turn' }));
    for (const late of [delta(0, { text: 'more' }), frame('internalServerException', {}), { event: 'x', data: '{' }]) {
      expect(decoder.push(late)).toEqual({ events: [] });
    }
  });

  it('is INTERRUPTED without a stop reason', () => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame('messageStop', {}));
    expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
  });

  it.each([
    ['end_turn', 'STOP'],
    ['stop_sequence', 'STOP'],
    ['max_tokens', 'LENGTH'],
    ['model_context_window_exceeded', 'LENGTH'],
    ['tool_use', 'TOOL_CALLS'],
    ['guardrail_intervened', 'CONTENT_FILTER'],
    ['content_filtered', 'CONTENT_FILTER'],
    ['a_word_to_come', 'OTHER'],
  ])('%s is %s, with its own word', (word, reason) => {
    const [choice] = collected([], word).choices;
    expect([finishWord(choice?.finishReason), choice?.rawFinishReason]).toEqual([reason, word]);
  });

  it('names the stop text of a Claude', () => {
    const frames = streamOf([]).map((one) =>
      one.event === 'messageStop'
        ? frame('messageStop', {
            stopReason: 'stop_sequence',
            additionalModelResponseFields: { delta: { stop_sequence: 'END' } },
          })
        : one,
    );
    expect(collectEvents(eventsOf(decodeAll(frames))).choices[0]?.stopSequence).toBe('END');
  });
});

describe('usage', () => {
  it('counts what was read from the cache and written to it as input', () => {
    const counted = usageAfter({
      inputTokens: 4,
      outputTokens: 50,
      cacheReadInputTokens: 1000,
      cacheWriteInputTokens: 200,
      cacheDetails: [
        { ttl: '1h', inputTokens: 150 },
        { ttl: '5m', inputTokens: 50 },
      ],
      serverToolUsage: { webSearchRequests: 2 },
    });
    expect(counted).toMatchObject({
      inputTokens: 1204,
      outputTokens: 50,
      cacheReadTokens: 1000,
      cacheWriteTokens: 200,
      cacheWrite1hTokens: 150,
      providerToolUses: { webSearchRequests: 2 },
    });
  });

  it('that comes twice is not added up: the latest of each count holds', () => {
    expect(usageAfter({ inputTokens: 4, outputTokens: 1 }, { inputTokens: null, outputTokens: 9 })).toMatchObject({
      inputTokens: 4,
      outputTokens: 9,
    });
  });

  it('that does not come stays unknown', () => {
    expect(usageAfter({})).toBeUndefined();
    expect(usageAfter({ outputTokens: 3 })?.inputTokens).toBeUndefined();
  });
});

describe('content blocks', () => {
  it('that begin twice, or whose beginning did not come, are parts all the same', () => {
    const { choices } = collected([
      frame('messageStart', { role: 'assistant' }),
      delta(0, { text: 'a' }),
      stop(0),
      frame('contentBlockStart', { contentBlockIndex: 1, start: {} }),
      delta(1, { text: 'b' }),
    ]);
    expect(choices[0]?.parts.map(({ kind }) => kind.value)).toMatchObject([{ text: 'a' }, { text: 'b' }]);
  });

  it('of a JSON answer are text, and the answer is done', () => {
    const answer = collected(
      [
        startCall(0, 'id', 'json'),
        delta(0, { toolUse: { input: '{"a":' } }),
        delta(0, { toolUse: { input: '1}' } }),
        stop(0),
      ],
      'tool_use',
    );
    expect(answer.choices[0]?.parts[0]?.kind).toMatchObject({ case: 'text', value: { text: '{"a":1}' } });
    expect(finishWord(answer.choices[0]?.finishReason)).toBe('STOP');
  });

  it("of a caller's own tool that is called json are calls, under its name", () => {
    const answer = collected([startCall(0, 'id', 'json_'), stop(0)], 'tool_use');
    expect(answer.choices[0]?.parts[0]?.kind).toMatchObject({ case: 'toolCall', value: { name: 'json' } });
    expect(finishWord(answer.choices[0]?.finishReason)).toBe('TOOL_CALLS');
  });

  it('of hidden thoughts are kept as they came, in one piece or more', () => {
    const redacted = (text: string) => delta(0, { reasoningContent: { redactedContent: text } });
    const [one] = collected([redacted('cnNuX3A='), stop(0)]).choices[0]?.parts ?? [];
    expect(one).toMatchObject({ origin: 'bedrock-converse', kind: { value: { redactedData: 'cnNuX3A=' } } });
    const [two] = collected([redacted('YWI='), redacted('Y2Q='), stop(0)]).choices[0]?.parts ?? [];
    expect(two?.kind.value).toMatchObject({ redactedData: Buffer.from('abcd').toString('base64') });
  });

  it('carry the signature of thoughts, and whose it is', () => {
    const blocks = [
      delta(0, { reasoningContent: { text: 'hm' } }),
      delta(0, { reasoningContent: { signature: 'sig' } }),
      stop(0),
    ];
    const events = eventsOf(decodeAll(streamOf(blocks)));
    const last = events.findLast((event) => event.case === 'partDelta');
    expect(last?.value).toMatchObject({ delta: { case: 'signature', value: 'sig' } });
  });

  it('with citations become text that names its sources, whichever came first', () => {
    const citation = {
      title: 'doc',
      sourceContent: [{ text: 'words' }],
      location: { documentPage: { documentIndex: 0, start: 1, end: 2 } },
    };
    for (const blocks of [
      [delta(0, { citation }), delta(0, { text: 'four' }), stop(0)],
      [delta(0, { text: 'four' }), delta(0, { citation }), stop(0)],
    ]) {
      const [part] = collected(blocks).choices[0]?.parts ?? [];
      expect(part?.kind.value).toMatchObject({
        text: 'four',
        annotations: [
          {
            startIndex: 0,
            endIndex: 4,
            kind: {
              case: 'documentCitation',
              value: { title: 'doc', citedText: 'words', unit: 'page', documentIndex: 0, start: 1, end: 2 },
            },
          },
        ],
      });
    }
  });

  it('that nobody knows yet are kept as they are', () => {
    const events = eventsOf(decodeAll(streamOf([delta(0, { hologram: 1 }), stop(0)])));
    expect(events.find((event) => event.case === 'partStart')?.value).toMatchObject({
      part: { kind: { case: 'raw', value: { dialect: 'bedrock-converse', json: '{"hologram":1}' } } },
    });
  });

  it.each([
    ['input of a call that has not begun', delta(0, { toolUse: { input: '{' } })],
    ['a delta without an index', frame('contentBlockDelta', { delta: { text: 'a' } })],
    ['a delta without a delta', frame('contentBlockDelta', { contentBlockIndex: 0 })],
    ['JSON that breaks off', { event: 'contentBlockDelta', data: '{"delta":' }],
  ])('are MALFORMED: %s', (_, bad) => {
    const decoder = provider.createStreamDecoder({});
    expect(attemptError(() => decoder.push(bad)).failure).toBe('MALFORMED');
  });
});

describe('an exception within a stream', () => {
  it.each([
    ['throttlingException', { message: 'slow' }, 'RATE_LIMITED'],
    ['serviceUnavailableException', { message: 'busy' }, 'OVERLOADED'],
    ['internalServerException', { message: 'oh' }, 'SERVER_ERROR'],
    ['modelStreamErrorException', { message: 'oh', originalStatusCode: 500 }, 'SERVER_ERROR'],
    ['modelStreamErrorException', { message: 'oh', originalStatusCode: 429 }, 'RATE_LIMITED'],
    ['modelTimeoutException', { message: 'late' }, 'TIMEOUT'],
    ['validationException', { message: 'bad field' }, 'INVALID_REQUEST'],
    ['validationException', { message: 'Input is too long for requested model.' }, 'CONTEXT_LENGTH_EXCEEDED'],
    ['error', { code: 'ThrottlingException', message: 'slow' }, 'RATE_LIMITED'],
    ['error', { code: 'Weird', message: 'oh' }, 'SERVER_ERROR'],
  ])('%s %j is %s', (event, payload, failure) => {
    const decoder = provider.createStreamDecoder({});
    const error = attemptError(() => decoder.push(frame(event, payload)));
    expect([error.failure, error.providerMessage]).toEqual([failure, payload.message]);
  });
});

describe('what a door writes', () => {
  it('of an error is the exception of its kind, and no end', () => {
    const encoder = door.createStreamEncoder({ includeUsage: true });
    const [sent, ...more] = encoder.encodeError(new SluiceError('UPSTREAM_RATE_LIMITED', 'slow'));
    expect([sent, more]).toEqual([{ event: 'throttlingException', data: '{"message":"slow"}' }, []]);
  });

  it('of a relayed stream has what nobody knows, and no second end', () => {
    const frames = [...streamOf([delta(0, { text: 'a' })]), frame('later', { new: true })].toSpliced(
      2,
      0,
      frame('novel', { x: 1.0 }),
    );
    expect(encodeAll(decodeAll(frames))).toEqual(frames.slice(0, -1));
  });
});
