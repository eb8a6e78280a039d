import { describe, expect, test } from 'vitest';
import { fetchRaw, valuesOf } from '../raw-client.ts';
import { chat, createJumpingClock, simulate, streamed } from '../requests.ts';
import { expectSilence, strike, strikeOpen } from './strike.ts';

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
