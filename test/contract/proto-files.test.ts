import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findBaselines } from './baseline.ts';
import { buf } from './buf.ts';

describe('proto/', () => {
  test('keeps to the lint rules', () => {
    expect(buf('lint')).toBe('');
  });

  test('is formatted', () => {
    expect(buf('format', '--diff', '--exit-code')).toBe('');
  });
});

describe('clients that are out there go on working: the contract breaks nothing of', () => {
  const baselines = findBaselines();
  afterAll(() => {
    for (const { archive } of baselines) rmSync(path.dirname(archive), { recursive: true });
  });

  test.each(baselines)('$name', ({ archive }) => {
    expect(buf('breaking', '--against', archive)).toBe('');
  });

  if (baselines.length === 0) {
    test('an earlier state', ({ skip }) => skip('no release and no earlier commit to compare with'));
  }
});
