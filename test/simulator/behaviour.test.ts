import { describe, expect, test } from 'vitest';
import { decideBehaviour, plainModel } from '../../server/simulator/behaviour.ts';
import { createFaultDice } from '../../server/simulator/fault-dice.ts';
import { FAULTS } from '../../server/simulator/faults/table.ts';
import { createSeededRandom } from '../../server/simulator/seeded-random.ts';

const plain = { headers: {}, model: 'm' };

describe('settings', () => {
  test('come from the options, then headers, then the model, then the function, the last one winning', () => {
    const request = { headers: { 'x-sim-latency-ms': '2' }, model: 'm?latency=3' };
    expect(decideBehaviour(plain, { latencyMs: 1 }, {}).latencyMs).toBe(1);
    expect(decideBehaviour({ ...request, model: 'm' }, { latencyMs: 1 }, {}).latencyMs).toBe(2);
    expect(decideBehaviour(request, { latencyMs: 1 }, {}).latencyMs).toBe(3);
    expect(decideBehaviour(request, { latencyMs: 1 }, { latencyMs: 4 }).latencyMs).toBe(4);
  });

  test('without any: no waits and no faults', () => {
    expect(decideBehaviour(plain, {}, {})).toMatchObject({ latencyMs: 0, tokensPerSecond: Infinity, faults: [] });
  });

  test.each([
    [{ 'x-sim-latency-ms': 'soon' }, 'm'],
    [{ 'x-sim-fault-rate': '-1' }, 'm'],
    [{}, 'm?output-tokens=99999999'],
    [{ 'x-sim-fault': 'no-such-fault' }, 'm'],
    [{ 'x-sim-fault': 'cut=3;colour=red' }, 'm'],
    [{ 'x-sim-fault': 'cut=soon' }, 'm'],
    [{}, 'm?fault=cut&colour=red'],
    [{}, 'm?after=3'],
  ])('that cannot be are refused: %j %s', (headers, model) => {
    expect(() => decideBehaviour({ headers, model }, {}, {})).toThrowError(
      expect.objectContaining({ reason: 'INVALID_REQUEST' }),
    );
  });
});

describe('faults', () => {
  const used = (headers: Record<string, string>, model = 'm') =>
    decideBehaviour({ headers, model }, {}, {}).faults.map(({ fault, values }) => [
      fault.name,
      Object.fromEntries(values),
    ]);

  test('have the values that are given and their own for the rest', () => {
    expect(used({ 'x-sim-fault': 'cut=5;how=fin' })).toEqual([['cut', { after: '5', inside: '', how: 'fin' }]]);
  });

  test('may be several', () => {
    expect(used({ 'x-sim-fault': 'split, lines=cr' }).map(([name]) => name)).toEqual(['split', 'lines']);
  });

  test('may stand in the name of the model, with their parameters', () => {
    const expected = [['cut', { after: '5', inside: '', how: 'fin' }]];
    expect(used({}, 'm?fault=cut&after=5&how=fin&latency=1')).toEqual(expected);
    expect(used({}, 'm?fault=cut=5;how=fin')).toEqual(expected);
  });

  test('have names of their own, descriptions, and parameters of their own', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    for (const { description, parameters } of FAULTS) {
      expect(description).toMatch(/\.$/);
      expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
    }
  });
});

test('the model is known without its query', () => {
  expect(plainModel('some/model:1?fault=cut')).toBe('some/model:1');
});

describe('chance', () => {
  const strikes = (seed: number, fault: string): readonly boolean[] => {
    const dice = createFaultDice(createSeededRandom(seed));
    const behaviour = decideBehaviour({ headers: { 'x-sim-fault': 'reset' }, model: `m?${fault}` }, {}, {});
    return Array.from({ length: 400 }, () => dice.roll(behaviour, 'm').length > 0);
  };

  test('repeats itself with the seed and keeps about to the rate', () => {
    const struck = strikes(1, 'fault-rate=0.25');
    expect(struck).toEqual(strikes(1, 'fault-rate=0.25'));
    expect(struck).not.toEqual(strikes(2, 'fault-rate=0.25'));
    expect(struck.filter(Boolean).length).toBeGreaterThan(60);
    expect(struck.filter(Boolean).length).toBeLessThan(140);
  });

  test('never strikes at 0 and always at 1', () => {
    expect(strikes(1, 'fault-rate=0')).not.toContain(true);
    expect(strikes(1, 'fault-rate=1')).not.toContain(false);
  });

  test('the first so many requests for a model are struck, and no more', () => {
    expect(strikes(1, 'fault-first=2').slice(0, 4)).toEqual([true, true, false, false]);
  });
});
