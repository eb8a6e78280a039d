import { describe, expect, test } from 'vitest';
import { framesOf, type RawAnswer } from '../raw-client.ts';
import { chat } from '../requests.ts';
import { type Struck, strike } from './strike.ts';

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
