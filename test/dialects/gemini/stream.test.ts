import { describe, expect, it } from 'vitest';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { readEvents } from '../support/plain-reading.ts';
import { attemptError, decodeAll, door, encodeAll, eventsOf, frame, provider } from './drive.ts';

const candidate = (parts: object[], more: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', ...more }],
  responseId: 'r1',
});

describe('a stream', () => {
  const text = (value: string, more: object = {}) => candidate([{ text: value }], { finishReason: undefined, ...more });
  const partial = (...partialArgs: object[]) =>
    candidate([{ functionCall: { partialArgs, willContinue: true } }], { finishReason: undefined });
  const begin = candidate([{ functionCall: { name: 'f', willContinue: true } }], { finishReason: undefined });
  const done = candidate([{ functionCall: {} }]);

  it('puts arguments together from their paths', () => {
    const events = eventsOf(
      decodeAll([
        begin,
        partial({ jsonPath: '$.a.b[0]', stringValue: 'x', willContinue: true }),
        partial({ jsonPath: '$.a.b[0]', stringValue: 'y' }, { jsonPath: '$.a.b[1]', numberValue: 2.5 }),
        partial({ jsonPath: "$['odd name']", boolValue: false }, { jsonPath: '$.n', nullValue: 'NULL_VALUE' }),
        partial({ jsonPath: '$.__proto__.c', stringValue: 'plain' }, { jsonPath: '$.e', willContinue: true }),
        partial({ jsonPath: '$.e', stringValue: 'late' }),
        done,
      ]),
    );
    const [, args] = readEvents(events).tools[0] ?? [];
    expect(JSON.stringify(args)).toBe(
      '{"a":{"b":["xy",2.5]},"odd name":false,"n":null,"__proto__":{"c":"plain"},"e":"late"}',
    );
    expect(({} as { c?: string }).c).toBeUndefined();
  });

  it.each(['a', '$', '$.a[7]', '$.a[999999999]', '$[', `$${'.a'.repeat(100)}`])('refuses the path %s', (jsonPath) => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame(begin));
    expect(attemptError(() => decoder.push(frame(partial({ jsonPath, stringValue: 'x' })))).failure).toBe('MALFORMED');
  });

  it('ends calls that others follow, in parallel and with ids of their own', () => {
    const calls = candidate([
      { functionCall: { name: 'a', args: { x: 1 } }, thoughtSignature: 'eA==' },
      { functionCall: { name: 'b', id: 'own' } },
    ]);
    const events = eventsOf(decodeAll([candidate([{ functionCall: { name: 'f', args: {} } }]), calls]));
    expect(readEvents(events)).toMatchObject({
      tools: [
        ['f', {}],
        ['a', { x: 1 }],
        ['b', {}],
      ],
      finish: 'STOP',
    });
    expect(events.at(-1)).toMatchObject({ value: { choices: [{ reason: FinishReason.TOOL_CALLS }] } });
  });

  it('whose arguments come in pieces ends in the provider’s own word', () => {
    const events = eventsOf(decodeAll([begin, done]));
    expect(readEvents(events).tools).toEqual([['f', {}]]);
    expect(events.at(-1)).toMatchObject({ value: { choices: [{ reason: FinishReason.STOP, rawReason: 'STOP' }] } });
  });

  it('closes a call that another one follows', () => {
    expect(readEvents(eventsOf(decodeAll([begin, begin, done]))).tools).toEqual([
      ['f', {}],
      ['f', {}],
    ]);
  });

  it('takes the latest count of each kind, and never adds them up', () => {
    const usage = (usageMetadata: object) => ({ ...text('x'), usageMetadata });
    const events = eventsOf(
      decodeAll([
        usage({ promptTokenCount: 9, candidatesTokenCount: 1, thoughtsTokenCount: 4 }),
        usage({ promptTokenCount: 9, candidatesTokenCount: 2, thoughtsTokenCount: 4 }),
        { ...candidate([{ text: '' }]), usageMetadata: { candidatesTokenCount: 3, trafficType: 'ON_DEMAND' } },
        { usageMetadata: { cachedContentTokenCount: 1 } },
      ]),
    );
    expect(events.at(-1)).toMatchObject({
      value: { usage: { inputTokens: 9, outputTokens: 7, reasoningTokens: 4, cacheReadTokens: 1 } },
    });
  });

  it('is not whole before each of its candidates is', () => {
    const two = (first: string | undefined, second: string | undefined) => ({
      candidates: [
        { index: 0, content: { parts: [{ text: 'a' }] }, finishReason: first },
        { index: 1, content: { parts: [{ text: 'b' }] }, finishReason: second },
      ],
    });
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame(two(undefined, undefined)));
    decoder.push(frame(two('STOP', undefined)));
    expect(decoder.terminated).toBe(false);
    expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    decoder.push(frame(two('STOP', 'MAX_TOKENS')));
    expect(decoder.terminated).toBe(true);
    expect(decoder.end().events.at(-1)).toMatchObject({
      value: {
        choices: [
          { choice: 0, reason: FinishReason.STOP },
          { choice: 1, reason: FinishReason.LENGTH },
        ],
      },
    });
  });

  it('whose prompt is refused is whole, filtered, and goes out as it came', () => {
    const chunk = JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3 } });
    const steps = decodeAll([chunk]);
    expect(eventsOf(steps).at(-1)).toMatchObject({
      value: {
        choices: [{ choice: 0, reason: FinishReason.CONTENT_FILTER, rawReason: 'SAFETY' }],
        usage: { inputTokens: 3 },
      },
    });
    expect(encodeAll(steps)).toEqual([chunk]);
  });

  it('fails with the error within it', () => {
    const decoder = provider.createStreamDecoder({});
    decoder.push(frame(text('x')));
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }];
    const error = { error: { code: 429, message: 'Slow down', status: 'RESOURCE_EXHAUSTED', details } };
    expect(attemptError(() => decoder.push(frame(error)))).toMatchObject({
      failure: 'RATE_LIMITED',
      retryAfterMs: 1500,
    });
    expect(attemptError(() => decoder.push(frame('{"candidates"'))).failure).toBe('MALFORMED');
  });

  it('goes on after frames that were relayed, where the last ones are built', () => {
    const steps = decodeAll([text('x'), candidate([{ text: 'y' }])]);
    const finish = steps.at(-1);
    const [first, second] = steps;
    if (!first || !second || !finish) throw new Error('no steps');
    const sent = encodeAll([first, { events: second.events }, finish]).map((each) => JSON.parse(each));
    expect(sent.map(({ candidates }) => [candidates[0].content.parts[0].text, candidates[0].finishReason])).toEqual([
      ['x', undefined],
      ['y', undefined],
      ['', 'STOP'],
    ]);
  });

  it('that breaks ends with an error the SDK throws, and nothing after it', () => {
    const encoder = door.createStreamEncoder({ includeUsage: true });
    const [only, ...others] = encoder.encodeError(new SluiceError('STREAM_INTERRUPTED', 'Broke.'));
    expect(others).toEqual([]);
    expect(JSON.parse(only?.data ?? '')).toMatchObject({ error: { code: 502, status: 'UNAVAILABLE' } });
  });
});
