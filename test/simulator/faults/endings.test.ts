import { describe, expect, test } from 'vitest';
import { connect, framesOf, parseAnswer, valuesOf } from '../raw-client.ts';
import { chat, simulate } from '../requests.ts';
import { strike, tokensIn, usualFrames } from './strike.ts';

describe('endings', () => {
  test('a reset amid the stream', async () => {
    const { simulator, answer } = await strike('reset=3');
    expect(answer).toMatchObject({ end: 'reset', complete: false });
    expect(framesOf(answer)).toHaveLength(3);
    expect(simulator.invoice.entries()[0]).toMatchObject({ finished: 'fault', outputTokens: tokensIn(answer) });
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
    const { url } = await simulate();
    const connection = await connect(url);
    connection.send({ body: chat(), headers: { 'x-sim-fault': 'close-after-answer' }, keepAlive: true });
    expect(await connection.ended).toBe('fin');
    const answer = parseAnswer(connection.received);
    expect(answer.complete).toBe(true);
    expect(valuesOf(answer, 'connection')).toEqual(['keep-alive']);
  });

  test('a connection that is reset when the next request comes', async () => {
    const { url, stats } = await simulate();
    const connection = await connect(url);
    connection.send({ body: chat(), headers: { 'x-sim-fault': 'reset-next-request' }, keepAlive: true });
    await connection.until((bytes) => parseAnswer(bytes).complete);
    connection.send({ body: chat(), keepAlive: true });
    expect(await connection.ended).toBe('reset');
    expect(stats().requests).toBe(1);
  });
});
