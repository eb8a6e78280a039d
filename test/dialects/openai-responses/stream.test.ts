import { describe, expect, it } from 'vitest';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { attemptError } from '../support/drive.ts';
import { decodeAll, eventsOf, provider } from './drive.ts';
import { collectParts, readEvents } from './reading.ts';

const event = (type: string, more: object = {}): string => JSON.stringify({ type, ...more });
const created = event('response.created', {
  response: { id: 'r', model: 'm', created_at: 7.5, status: 'in_progress', output: [] },
});
const completed = (more: object = {}): string =>
  event('response.completed', { response: { id: 'r', status: 'completed', output: [], ...more } });
const textItem = (text: string, at = 0): object => ({
  output_index: at,
  item: {
    type: 'message',
    id: `msg_${at}`,
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  },
});
const added = (at: number, item: object): string => event('response.output_item.added', { output_index: at, item });
const delta = (text: string, at = 0): string =>
  event('response.output_text.delta', { output_index: at, content_index: 0, delta: text });
const message = (at = 0): string => added(at, { type: 'message', id: `msg_${at}`, role: 'assistant', content: [] });

const read = (...chunks: string[]) => readEvents(eventsOf(decodeAll([created, ...chunks])));
const failure = (...chunks: string[]) => attemptError(() => decodeAll([created, ...chunks]));

describe('a stream of a provider', () => {
  it('says once what it repeats: starts, items and whole texts double nothing', () => {
    const reading = read(
      created,
      message(),
      message(),
      delta('Hel'),
      delta('lo'),
      event('response.output_text.done', { output_index: 0, content_index: 0, text: 'Hello' }),
      event('response.output_item.done', textItem('Hello')),
      event('response.output_item.done', textItem('Hello')),
      delta(' again'),
      completed({ output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }] }),
    );
    expect(reading.text).toBe('Hello');
  });

  it('completes what its pieces left out, and keeps them where its whole says otherwise', () => {
    expect(read(message(), delta('Hel'), event('response.output_item.done', textItem('Hello')), completed()).text).toBe(
      'Hello',
    );
    expect(read(message(), delta('Hel'), event('response.output_item.done', textItem('Bye')), completed()).text).toBe(
      'Hel',
    );
  });

  it('has items that come whole, without pieces', () => {
    const call = { type: 'function_call', id: 'fc', call_id: 'c', name: 'f', arguments: '{"a":1}' };
    const reading = read(
      event('response.output_item.done', textItem('Hello')),
      event('response.output_item.done', { output_index: 1, item: call }),
      completed(),
    );
    expect(reading).toMatchObject({ text: 'Hello', tools: [['c', 'f', '{"a":1}']] });
  });

  it('may bring all of its output with the terminal event alone', () => {
    const output = [{ type: 'message', id: 'm', content: [{ type: 'output_text', text: 'Hello' }] }];
    const events = eventsOf(decodeAll([created, completed({ output })]));
    expect(collectParts(events)).toMatchObject([{ kind: { value: { text: 'Hello' } } }]);
  });

  it('may number every item 0, or none', () => {
    expect(
      read(
        message(),
        delta('a'),
        event('response.output_item.done', textItem('a')),
        added(0, { type: 'message', id: 'other' }),
        delta('b'),
        completed(),
      ).text,
    ).toBe('ab');
    const bare = event('response.output_text.delta', { item_id: 'x', delta: 'Hi' });
    expect(read(bare, completed()).text).toBe('Hi');
  });

  it('has calls that grow side by side', () => {
    const call = (at: number) =>
      added(at, { type: 'function_call', id: `fc_${at}`, call_id: `c${at}`, name: 'f', arguments: '' });
    const piece = (at: number, text: string) =>
      event('response.function_call_arguments.delta', { output_index: at, delta: text });
    const reading = read(
      call(0),
      call(1),
      piece(1, '{"b"'),
      piece(0, '{"a"'),
      piece(0, ':1}'),
      piece(1, ':2}'),
      completed(),
    );
    expect(reading.tools).toEqual([
      ['c0', 'f', '{"a":1}'],
      ['c1', 'f', '{"b":2}'],
    ]);
    const finish = eventsOf(decodeAll([created, call(0), completed()])).at(-1);
    expect(finish).toMatchObject({ case: 'finish', value: { choices: [{ reason: FinishReason.TOOL_CALLS }] } });
  });

  it('keeps events of tools of the provider with their item', () => {
    const item = { type: 'web_search_call', id: 'ws', status: 'in_progress' };
    const events = eventsOf(
      decodeAll([
        created,
        added(0, item),
        event('response.web_search_call.searching', { output_index: 0, item_id: 'ws' }),
        event('response.output_item.done', { output_index: 0, item: { ...item, status: 'completed' } }),
        completed({ usage: { input_tokens: 1, output_tokens: 1 }, output: [item] }),
      ]),
    );
    expect(events.map((each) => each.case)).toEqual([
      'start',
      'partStart',
      'partDelta',
      'partDelta',
      'partEnd',
      'finish',
    ]);
    expect(collectParts(events)[0]?.kind).toMatchObject({
      case: 'raw',
      value: { json: JSON.stringify({ ...item, status: 'completed' }) },
    });
    expect(events.at(-1)?.value).toMatchObject({ usage: { providerToolUses: { web_search_call: 1 } } });
  });

  it.each([
    ['max_output_tokens', FinishReason.LENGTH],
    ['content_filter', FinishReason.CONTENT_FILTER],
    ['something_else', FinishReason.OTHER],
  ])('is incomplete by %s', (reason, finish) => {
    const last = event('response.incomplete', { response: { incomplete_details: { reason }, output: [] } });
    const events = eventsOf(decodeAll([created, message(), delta('a'), last]));
    expect(events.at(-1)).toMatchObject({ value: { choices: [{ reason: finish, rawReason: reason }] } });
  });

  it('knows no counts that it was not told', () => {
    const known = eventsOf(decodeAll([created, message(), delta('a'), completed({ usage: { output_tokens: 2 } })])).at(
      -1,
    );
    expect(known?.value).toMatchObject({ usage: { outputTokens: 2 } });
    for (const name of ['inputTokens', 'cacheReadTokens', 'reasoningTokens']) {
      expect(known?.value).not.toHaveProperty(`usage.${name}`);
    }
    const unknown = eventsOf(decodeAll([created, message(), delta('a'), completed()])).at(-1);
    expect(unknown?.value).not.toHaveProperty('usage');
  });

  it('ends with its terminal event, which goes on last, with the finish', () => {
    const chunks = [created, message(), delta('a'), completed(), '[DONE]'];
    const decoder = provider.createStreamDecoder({});
    const steps = chunks.map((data) => decoder.push({ event: '', data }));
    expect(decoder.terminated).toBe(true);
    expect(steps.slice(3)).toEqual([{ events: [] }, { events: [] }]);
    expect(decoder.end().wire?.text).toBe(completed());
  });

  it.each([
    [
      'the documented shape',
      { type: 'error', code: 'rate_limit_exceeded', message: 'Slow', param: null },
      'RATE_LIMITED',
    ],
    [
      'the shape of OpenAI itself',
      { type: 'error', error: { type: 'server_error', code: 'server_error', message: 'x' } },
      'SERVER_ERROR',
    ],
    [
      'a context that is full',
      { type: 'error', code: 'context_length_exceeded', message: 'Long' },
      'CONTEXT_LENGTH_EXCEEDED',
    ],
    ['a proxy', { error: { message: 'x', code: 'invalid_prompt' } }, 'INVALID_REQUEST'],
    [
      'a failed response',
      { type: 'response.failed', response: { status: 'failed', error: { code: 'invalid_image', message: 'x' } } },
      'INVALID_REQUEST',
    ],
    ['a failed response without words', { type: 'response.failed' }, 'SERVER_ERROR'],
  ])('fails with an error in the shape of %s', (_, json, expected) => {
    expect(failure(JSON.stringify(json)).failure).toBe(expected);
  });

  it('is malformed where it is no JSON, empty where it completes nothing', () => {
    expect(failure('{').failure).toBe('MALFORMED');
    expect(failure(completed()).failure).toBe('EMPTY_RESPONSE');
    expect(read(message(), completed())).toMatchObject({ text: '', finish: 'completed' });
  });

  it('is unmoved by events and members that it does not know or that are of other types', () => {
    const odd = [
      event('response.future.thing', { output_index: 0, x: 1 }),
      event('response.output_item.added', { output_index: 'x', item: 3 }),
      event('response.output_text.delta', { output_index: 0, delta: 5 }),
      event('response.content_part.done', {}),
      event('keepalive'),
    ];
    expect(read(message(), ...odd, delta('a'), completed()).text).toBe('a');
  });
});

describe('an answer in one piece', () => {
  const body = (more: object): string =>
    JSON.stringify({ id: 'r', object: 'response', status: 'completed', output: [], ...more });
  const fails = (text: string) => attemptError(() => provider.decodeResponse(text, {})).failure;

  it('fails as its error says, and where it is not whole', () => {
    expect(fails(body({ status: 'failed', error: { code: 'rate_limit_exceeded', message: 'x' } }))).toBe(
      'RATE_LIMITED',
    );
    expect(fails(body({ status: 'failed', error: { code: 'image_content_policy_violation', message: 'x' } }))).toBe(
      'CONTENT_FILTERED',
    );
    for (const status of ['queued', 'in_progress', 'cancelled']) expect(fails(body({ status }))).toBe('SERVER_ERROR');
    expect(fails(body({}))).toBe('EMPTY_RESPONSE');
    expect(fails('{"object":"response"}')).toBe('MALFORMED');
    expect(fails('<html>')).toBe('MALFORMED');
  });

  it('makes up no reason where it gives no status', () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'a' }] }];
    const { response } = provider.decodeResponse(body({ status: undefined, output }), {});
    expect(response.choices[0]).toMatchObject({ finishReason: FinishReason.UNSPECIFIED, rawFinishReason: '' });
  });

  it('may be cut before its first word', () => {
    const { response } = provider.decodeResponse(
      body({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
      {},
    );
    expect(response.choices[0]).toMatchObject({ finishReason: FinishReason.LENGTH, parts: [] });
  });
});
