import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { generateKey } from '../../server/auth/generate-key.ts';

describe('a generated key', () => {
  test('is sk-sluice-, its id and 43 characters of chance', () => {
    const { stored, key } = generateKey();
    expect(key.reveal()).toMatch(/^sk-sluice-[0-9A-Za-z]{12}-[0-9A-Za-z]{43}$/);
    expect(key.reveal().split('-')[2]).toBe(stored.id);
  });

  test('is stored as the SHA-256 of the whole of it', () => {
    const { stored, key } = generateKey();
    expect(stored.sha256).toBe(createHash('sha256').update(key.reveal()).digest('hex'));
  });

  test('does not show when its record is printed', () => {
    const made = generateKey();
    expect(inspect(made) + JSON.stringify(made)).not.toContain(made.key.reveal());
  });

  test('is never the same twice', () => {
    const keys = Array.from({ length: 1000 }, () => generateKey());
    expect(new Set(keys.map(({ stored }) => stored.id)).size).toBe(1000);
    expect(new Set(keys.map(({ stored }) => stored.sha256)).size).toBe(1000);
  });
});
