import { describe, expect, test } from 'vitest';
import { CLOUD_PRESETS } from '../../server/providers/cloud-presets.ts';
import { HOSTED_PRESETS } from '../../server/providers/hosted-presets.ts';
import { LOCAL_PRESETS } from '../../server/providers/local-presets.ts';
import { PRESETS } from '../../server/providers/presets.ts';

const rows = [...HOSTED_PRESETS, ...CLOUD_PRESETS, ...LOCAL_PRESETS];

describe('the built-in providers', () => {
  test('are OpenAI and at least 24 that speak its format', () => {
    expect(PRESETS.has('openai')).toBe(true);
    expect(PRESETS.size).toBeGreaterThanOrEqual(25);
  });

  test('have names of their own, so that none hides another', () => {
    expect(PRESETS.size).toBe(rows.length);
  });

  test('take their keys from variables of their own, so that one key does not start two providers', () => {
    const variables = rows.flatMap((row) => row.envVars);
    expect(new Set(variables).size).toBe(variables.length);
  });

  test.each(rows.map((row) => [row.name, row] as const))('%s can stand in a configuration as it is', (name, row) => {
    expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/);
    expect(row.displayName).not.toBe('');
    expect(row.baseUrl).not.toMatch(/[?#]|\/$/);
    expect(URL.canParse(row.baseUrl || (row.baseUrlForm ?? '').replaceAll(/[<>]/g, ''))).toBe(true);
    expect(new URL(row.docs).protocol).toBe('https:');
    for (const variable of row.envVars) expect(variable).toMatch(/^[A-Z][A-Z0-9_]+$/);
  });

  test.each(HOSTED_PRESETS.map((row) => [row.name, row] as const))('%s is called over TLS, with a key', (_, row) => {
    expect(new URL(row.baseUrl).protocol).toBe('https:');
    expect(row.envVars).not.toEqual([]);
    expect(row.allowPrivateAddress).toBe(false);
  });

  test.each(CLOUD_PRESETS.map((row) => [row.name, row] as const))('%s is called over TLS', (_, row) => {
    expect(row.baseUrl || row.baseUrlForm).toMatch(/^https:/);
    expect(row.allowPrivateAddress).toBe(false);
  });

  test.each(LOCAL_PRESETS.map((row) => [row.name, row] as const))('%s is on this machine, without a key', (_, row) => {
    expect(new URL(row.baseUrl).hostname).toBe('127.0.0.1');
    expect(row.envVars).toEqual([]);
    expect(row.allowPrivateAddress).toBe(true);
  });

  test.each(rows.map((row) => [row.name, row.quirks] as const))(
    '%s does not both drop and rename a field',
    (_, quirks) => {
      const renamed = Object.keys(quirks.renameFields ?? {});
      expect(renamed.filter((field) => quirks.dropFields?.includes(field))).toEqual([]);
    },
  );
});
