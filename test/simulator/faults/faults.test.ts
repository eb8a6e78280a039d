import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../server/simulator/faults/table.ts';
import type { Simulator } from '../../../server/simulator/simulator.ts';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import {
  connect,
  eventsOf,
  type Fetched,
  fetchRaw,
  framesOf,
  parseAnswer,
  type RawAnswer,
  type RawConnection,
  valuesOf,
} from '../raw-client.ts';
import { calling, chat, createJumpingClock, simulate, streamed } from '../requests.ts';

/** Faults that a test of this file observes; the last test says which ones are missing. */
const observed = new Set<string>();

interface Struck {
  readonly simulator: Simulator;
  readonly answer: Fetched;
}

/** Sends one request that the faults strike and reads until the simulator ends the connection. */
async function strike(fault: string, body: object = streamed()): Promise<Struck> {
  observed.add(fault.split(/[=;]/)[0] ?? '');
  const simulator = await simulate();
  const answer = await fetchRaw(simulator.url, { body, headers: { 'x-sim-fault': fault } });
  await simulator.idle();
  return { simulator, answer };
}

/** The same where the simulator leaves the connection open. The client reads until enough has come. */
async function strikeOpen(
  fault: string,
  enough: (answer: RawAnswer) => boolean,
  body: object = streamed(),
): Promise<{ readonly simulator: Simulator; readonly connection: RawConnection }> {
  observed.add(fault.split(/[=;]/)[0] ?? '');
  const simulator = await simulate();
  const connection = await connect(simulator.url);
  connection.send({ body, headers: { 'x-sim-fault': fault } });
  await connection.until((bytes) => enough(parseAnswer(bytes)));
  return { simulator, connection };
}

/** Nothing more comes, as far as a round trip on another connection tells, and the simulator sees the client go. */
async function expectSilence(simulator: Simulator, connection: RawConnection): Promise<void> {
  const length = connection.received.length;
  await (await fetch(`${simulator.url}/stats`)).text();
  expect(connection.received.length).toBe(length);
  expect(simulator.stats().openRequests).toBe(1);
  connection.destroy();
  await simulator.idle();
  expect(simulator.stats().clientsGone).toHaveLength(1);
}

async function usualFrames(body: object = streamed()): Promise<readonly string[]> {
  const { url } = await simulate();
  return framesOf(await fetchRaw(url, { body }));
}

/** The data of the frames in a body, by the gateway's own decoder. */
async function decode(bytes: Uint8Array): Promise<readonly string[]> {
  const data: string[] = [];
  for await (const frames of decodeSse(
    (async function* () {
      yield bytes;
    })(),
  ))
    data.push(...frames.map((frame) => frame.data));
  return data;
}

/** Frames without what differs from one simulator to the next. */
function bare(frames: readonly string[]): readonly string[] {
  return frames.map((frame) => frame.replaceAll(/\s*"created":\d+,?/g, '').replaceAll(/\s+/g, ''));
}

describe("answers in the place of the model's", () => {
  test.each([400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529])(
    'status %i, in the envelope of the API',
    async (status) => {
      for (const body of [chat(), streamed()]) {
        const { answer } = await strike(`status=${status}`, body);
        expect(answer.status).toBe(status);
        expect(JSON.parse(answer.body.toString())).toMatchObject({
          error: { message: `Simulated fault: status ${status}.` },
        });
        expect(valuesOf(answer, 'retry-after')).toEqual([]);
      }
    },
  );

  test('Retry-After in seconds, in milliseconds and as a date; the code of the error', async () => {
    const { answer } = await strike('status=429;retry-after=2');
    expect(valuesOf(answer, 'retry-after')).toEqual(['2']);
    expect(valuesOf((await strike('status=503;retry-after-ms=1500')).answer, 'retry-after-ms')).toEqual(['1500']);
    const simulator = await simulate({ clock: createJumpingClock() });
    const dated = await fetchRaw(simulator.url, {
      body: chat(),
      headers: { 'x-sim-fault': 'status=429;retry-after-date=90' },
    });
    expect(valuesOf(dated, 'retry-after')).toEqual(['Thu, 01 Jan 2026 00:01:30 GMT']);
    const coded = await strike('status=400;error=context_length_exceeded');
    expect(JSON.parse(coded.answer.body.toString())).toMatchObject({ error: { code: 'context_length_exceeded' } });
  });

  test('a redirect to an internal address', async () => {
    const { answer } = await strike('redirect');
    expect(answer.status).toBe(302);
    expect(valuesOf(answer, 'location')).toEqual(['http://169.254.169.254/latest/meta-data/']);
  });

  test('HTML and plain text with status 200, and with another', async () => {
    const { answer } = await strike('html');
    expect([answer.status, valuesOf(answer, 'content-type')]).toEqual([200, ['text/html; charset=utf-8']]);
    expect(answer.body.toString()).toMatch(/^<!DOCTYPE html>/);
    expect((await strike('plain-text')).answer.body.toString()).toBe('upstream connect error');
    expect((await strike('html=503')).answer.status).toBe(503);
  });

  test('an error with status 200', async () => {
    const { answer } = await strike('error-body');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toHaveProperty('error.message');
  });

  test('an empty body', async () => {
    const { answer } = await strike('empty-body');
    expect([answer.status, answer.body.length, answer.complete]).toEqual([200, 0, true]);
  });

  test('no byte ever', async () => {
    const { simulator, connection } = await strikeOpen('no-answer', () => true);
    while (simulator.stats().openRequests === 0) await new Promise((resolve) => setImmediate(resolve));
    await expectSilence(simulator, connection);
    expect(connection.received.length).toBe(0);
  });

  test('the end of the connection before any byte', async () => {
    expect((await strike('hang-up')).answer).toMatchObject({ status: 0, end: 'fin' });
    expect((await strike('hang-up=reset')).answer).toMatchObject({ status: 0, end: 'reset' });
  });

  test('cost nothing', async () => {
    for (const fault of ['status=500', 'html', 'hang-up', 'redirect', 'error-body', 'empty-body']) {
      const { simulator } = await strike(fault);
      expect(simulator.invoice.entries()[0]).toMatchObject({
        finished: 'fault',
        inputTokens: 0,
        outputTokens: 0,
        nanoUsd: 0n,
      });
    }
  });
});

describe('time', () => {
  test('the headers come later', async () => {
    observed.add('delay');
    const clock = createJumpingClock();
    const { url } = await simulate({ clock });
    const answer = await fetchRaw(url, { body: chat(), headers: { 'x-sim-fault': 'delay=1234' } });
    expect([answer.status, clock.waits]).toEqual([200, [1234]]);
  });

  test('headers, then silence', async () => {
    const { simulator, connection } = await strikeOpen('silent-after-headers', ({ status }) => status === 200);
    expect(parseAnswer(connection.received).body.length).toBe(0);
    await expectSilence(simulator, connection);
  });

  test('some frames, then silence', async () => {
    const { simulator, connection } = await strikeOpen('stall=2', (answer) => framesOf(answer).length === 2);
    await expectSilence(simulator, connection);
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone', outputTokens: 1 });
  });

  test('half of an answer in one piece, then silence', async () => {
    const { simulator, connection } = await strikeOpen('stall', (answer) => answer.body.length > 0, chat());
    expect(parseAnswer(connection.received).complete).toBe(false);
    await expectSilence(simulator, connection);
  });

  test('byte by byte', async () => {
    observed.add('drip');
    const clock = createJumpingClock();
    const { url } = await simulate({ clock });
    const answer = await fetchRaw(url, { body: streamed(), headers: { 'x-sim-fault': 'drip=7' } });
    expect(answer.chunks.every((chunk) => chunk.length === 1)).toBe(true);
    expect(clock.waits).toEqual(Array(answer.body.length).fill(7));
    expect(framesOf(answer).at(-1)).toBe('[DONE]');
  });
});

describe('endings', () => {
  test('a reset amid the stream', async () => {
    const { simulator, answer } = await strike('reset=3');
    expect(answer).toMatchObject({ end: 'reset', complete: false });
    expect(framesOf(answer)).toHaveLength(3);
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'fault', outputTokens: 2 });
  });

  test('a reset amid an answer in one piece', async () => {
    expect((await strike('reset', chat())).answer).toMatchObject({ status: 200, end: 'reset', complete: false });
  });

  test('a clean end without the terminal marker', async () => {
    const { answer } = await strike('cut=3');
    expect(answer).toMatchObject({ end: 'fin', complete: true });
    expect(framesOf(answer)).toHaveLength(3);
  });

  test('the end of the connection without the end of HTTP', async () => {
    const { answer } = await strike('cut=3;how=fin');
    expect(answer).toMatchObject({ end: 'fin', complete: false });
    expect(framesOf(answer)).toHaveLength(3);
  });

  test('a cut through JSON, through a character and through a frame', async () => {
    const through = async (inside: string) => (await strike(`cut=8;inside=${inside}`)).answer.body;
    const json = await through('json');
    expect(json.toString()).toMatch(/data: \{[^\n]*$/);
    const utf8 = await through('utf8');
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(utf8)).toThrow();
    const frame = await through('frame');
    expect(frame.toString()).toMatch(/\}\n$/);
    expect(frame.toString()).not.toMatch(/\n\n$/);
  });

  test('a cut through an answer in one piece: shorter than it says, or whole to HTTP', async () => {
    expect((await strike('cut;how=fin', chat())).answer).toMatchObject({ end: 'fin', complete: false });
    const { answer } = await strike('cut', chat());
    expect(answer.complete).toBe(true);
    expect(() => JSON.parse(answer.body.toString())).toThrow();
  });

  test('a stream without its terminal marker', async () => {
    const { answer } = await strike('no-terminal');
    expect(answer.complete).toBe(true);
    expect(framesOf(answer)).toEqual(expect.not.arrayContaining(['[DONE]']));
    expect(framesOf(answer)).toHaveLength((await usualFrames()).length - 1);
  });

  test('an error within the stream', async () => {
    const { answer } = await strike('error-event=4');
    const frames = framesOf(answer);
    expect(frames).toHaveLength(5);
    expect(JSON.parse(frames[4] ?? '')).toHaveProperty('error.message', 'Simulated fault: error event.');
  });

  test('a connection that closes behind an answer that promised to keep it', async () => {
    observed.add('close-after-answer');
    const { url } = await simulate();
    const connection = await connect(url);
    connection.send({ body: chat(), headers: { 'x-sim-fault': 'close-after-answer' }, keepAlive: true });
    expect(await connection.ended).toBe('fin');
    const answer = parseAnswer(connection.received);
    expect(answer.complete).toBe(true);
    expect(valuesOf(answer, 'connection')).toEqual(['keep-alive']);
  });

  test('a connection that is reset when the next request comes', async () => {
    observed.add('reset-next-request');
    const { url, stats } = await simulate();
    const connection = await connect(url);
    connection.send({ body: chat(), headers: { 'x-sim-fault': 'reset-next-request' }, keepAlive: true });
    await connection.until((bytes) => parseAnswer(bytes).complete);
    connection.send({ body: chat(), keepAlive: true });
    expect(await connection.ended).toBe('reset');
    expect(stats().requests).toBe(1);
  });
});

describe('content', () => {
  test('a malformed event between good ones', async () => {
    const frames = framesOf((await strike('malformed=2')).answer);
    expect(() => JSON.parse(frames[2] ?? '')).toThrow();
    expect(bare(frames.toSpliced(2, 1))).toEqual(bare(await usualFrames()));
  });

  test('an answer in one piece that is no JSON', async () => {
    const { answer } = await strike('malformed', chat());
    expect(answer.complete).toBe(true);
    expect(() => JSON.parse(answer.body.toString())).toThrow();
  });

  test('empty choices', async () => {
    const events = eventsOf((await strike('empty-choices')).answer);
    expect(events.slice(0, 4).map(({ choices }) => choices.length)).toEqual([1, 0, 1, 0]);
    expect(JSON.parse((await strike('empty-choices', chat())).answer.body.toString()).choices).toEqual([]);
  });

  test('no reason why the answer ended', async () => {
    const { answer } = await strike('no-finish');
    expect(eventsOf(answer).filter(({ choices }) => choices[0]?.finish_reason)).toEqual([]);
    expect(framesOf(answer).at(-1)).toBe('[DONE]');
  });

  const argumentsOf = (answer: RawAnswer): readonly string[] =>
    eventsOf(answer).flatMap(
      ({ choices }) => choices[0]?.delta.tool_calls?.map((call) => call.function?.arguments ?? '') ?? [],
    );

  test('arguments of a tool call character by character', async () => {
    const pieces = argumentsOf((await strike('tool-arguments-split', calling(streamed({})))).answer);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(1);
    expect(JSON.parse(pieces.join(''))).toHaveProperty('city');
  });

  test('arguments of a tool call that break off', async () => {
    const { answer } = await strike('tool-arguments-truncated', calling(streamed({})));
    expect(() => JSON.parse(argumentsOf(answer).join(''))).toThrow();
    expect(eventsOf(answer).some(({ choices }) => choices[0]?.finish_reason === 'tool_calls')).toBe(true);
  });

  test('a filter that cuts the answer', async () => {
    const { answer } = await strike('content-filter', chat());
    expect(JSON.parse(answer.body.toString()).choices[0].finish_reason).toBe('content_filter');
  });
});

describe('usage, while the invoice is right', () => {
  const usages = (answer: RawAnswer) =>
    framesOf(answer).map((data) => (data === '[DONE]' ? 'done' : (JSON.parse(data).usage?.completion_tokens ?? null)));
  const invoiced = ({ simulator }: Struck) => simulator.invoice.entries()[0]?.outputTokens;

  test('absent', async () => {
    const struck = await strike('usage-absent');
    expect(usages(struck.answer).filter((usage) => typeof usage === 'number')).toEqual([]);
    expect(invoiced(struck)).toBeGreaterThan(0);
    expect(JSON.parse((await strike('usage-absent', chat())).answer.body.toString()).usage ?? null).toBeNull();
  });

  test('zero', async () => {
    const struck = await strike('usage-zero');
    expect(usages(struck.answer).filter((usage) => usage !== null)).toEqual([0, 'done']);
    expect(invoiced(struck)).toBeGreaterThan(0);
    expect(JSON.parse((await strike('usage-zero', chat())).answer.body.toString()).usage).toMatchObject({
      total_tokens: 0,
    });
  });

  test('twice', async () => {
    const struck = await strike('usage-duplicate');
    expect(usages(struck.answer).filter((usage) => usage !== null)).toEqual([
      invoiced(struck),
      invoiced(struck),
      'done',
    ]);
  });

  test('first', async () => {
    const struck = await strike('usage-first');
    expect(usages(struck.answer)[0]).toBe(invoiced(struck));
  });

  test('after the terminal marker', async () => {
    const struck = await strike('usage-after-end');
    expect(usages(struck.answer).slice(-2)).toEqual(['done', invoiced(struck)]);
  });

  test('in every frame, growing', async () => {
    const struck = await strike('usage-spread');
    const counts = usages(struck.answer).filter((usage) => typeof usage === 'number');
    expect(counts.length).toBe(framesOf(struck.answer).length - 1);
    expect(counts).toEqual([...counts].sort((left, right) => left - right));
    expect(counts.at(-1)).toBe(invoiced(struck));
  });
});

describe('framing that means the same', () => {
  test.each([
    'split',
    'split=3',
    'lines=crlf',
    'lines=cr',
    'lines=lf',
    'bom',
    'comments',
    'multi-line',
    'no-space',
    'no-space,lines=crlf,split',
    'comments,bom,multi-line,lines=cr,split=2',
  ])('%s', async (fault) => {
    for (const name of fault.split(',')) observed.add(name.split('=')[0] ?? '');
    const { answer } = await strike(fault);
    expect(answer.complete).toBe(true);
    expect(bare(await decode(answer.body))).toEqual(bare(await usualFrames()));
  });

  test('is seen on the wire', async () => {
    const text = async (fault: string) => (await strike(fault)).answer.body.toString();
    expect((await strike('split')).answer.chunks.every((chunk) => chunk.length === 1)).toBe(true);
    expect(await text('lines=crlf')).not.toMatch(/[^\r]\n/);
    expect(await text('lines=cr')).not.toMatch(/\n/);
    expect((await strike('bom')).answer.body.subarray(0, 3)).toEqual(Buffer.of(0xef, 0xbb, 0xbf));
    expect(await text('comments')).toMatch(/^: SIMULATED PROCESSING\n\n:\ndata: /);
    expect(await text('multi-line')).toMatch(/^data: \{\ndata: ?\ndata: "/);
    expect(await text('no-space')).toMatch(/^data:\{/);
  });

  test('of an answer in one piece is the same JSON', async () => {
    const { answer } = await strike('split=5', chat());
    expect(JSON.parse(answer.body.toString())).toHaveProperty('choices');
  });
});

describe('headers', () => {
  test('a wrong content-type', async () => {
    expect(valuesOf((await strike('content-type')).answer, 'content-type')).toEqual(['text/plain']);
    expect(valuesOf((await strike('content-type=none')).answer, 'content-type')).toEqual([]);
  });

  test('a content-encoding that the body does not have', async () => {
    const { answer } = await strike('wrong-encoding', chat());
    expect(valuesOf(answer, 'content-encoding')).toEqual(['gzip']);
    expect(() => gunzipSync(answer.body)).toThrow();
  });

  test('headers that come twice', async () => {
    const { answer } = await strike('duplicate-headers');
    expect(valuesOf(answer, 'content-type')).toHaveLength(2);
    expect(valuesOf(answer, 'x-request-id')).toHaveLength(2);
    expect(valuesOf(answer, 'retry-after')).toEqual(['1', '86400']);
  });
});

describe('compression', () => {
  test('a compressed stream has the same frames', async () => {
    const { answer } = await strike('gzip');
    expect(valuesOf(answer, 'content-encoding')).toEqual(['gzip']);
    expect(bare(await decode(gunzipSync(answer.body)))).toEqual(bare(await usualFrames()));
  });

  test('a compressed body and an empty one are whole', async () => {
    expect(JSON.parse(gunzipSync((await strike('gzip', chat())).answer.body).toString())).toHaveProperty('choices');
    expect(gunzipSync((await strike('empty-body,gzip')).answer.body).length).toBe(0);
  });

  test('a bomb unpacks to a thousand times its size and is still the answer', async () => {
    const { answer } = await strike('gzip-bomb=32', chat());
    const unpacked = gunzipSync(answer.body);
    expect(unpacked.length).toBeGreaterThan(32 * 1024 * 1024);
    expect(unpacked.length / answer.body.length).toBeGreaterThan(500);
    expect(JSON.parse(unpacked.toString())).toHaveProperty('choices');
  });
});

describe('sizes', () => {
  test('an event that is too large, between good ones', async () => {
    const { answer } = await strike('oversized-event=1');
    const lengths = framesOf(answer).map((frame) => frame.length);
    expect(lengths.filter((length) => length > 1024 * 1024)).toHaveLength(1);
    expect(lengths).toHaveLength((await usualFrames()).length + 1);
  });

  test('an event without an end, up to the limit or until the client goes', async () => {
    const { answer } = await strike('endless-event=2');
    expect(answer.body.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(answer.body.subarray(-1000).toString()).toBe('x'.repeat(1000));
    const { simulator, connection } = await strikeOpen('endless-event', ({ body }) => body.length > 1024 * 1024);
    connection.destroy();
    await simulator.idle();
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'client-gone' });
  });
});

test('faults strike vectors too', async () => {
  const { url } = await simulate();
  const ask = (fault: string) =>
    fetchRaw(url, { path: '/v1/embeddings', body: { model: `e?fault=${fault}`, input: 'Hi' } });
  expect((await ask('status=503')).status).toBe(503);
  expect(await ask('cut;how=fin')).toMatchObject({ status: 200, complete: false });
  expect((await ask('reset')).end).toBe('reset');
});

test('the function in the options has the last word, with the number of the request', async () => {
  const { url } = await simulate({
    behaviour: ({ requestNumber }) => (requestNumber === 1 ? { fault: 'status=500' } : {}),
  });
  const statuses = [];
  for (let i = 0; i < 2; i++) statuses.push((await fetchRaw(url, { body: chat() })).status);
  expect(statuses).toEqual([500, 200]);
});

test('every fault is observed by a test of this file', () => {
  expect(FAULTS.map(({ name }) => name).filter((name) => !observed.has(name))).toEqual([]);
});
