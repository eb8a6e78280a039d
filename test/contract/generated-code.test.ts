import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generate, TARGETS } from '../../scripts/generate.ts';
import { ROOT } from './buf.ts';

const fresh = mkdtempSync(path.join(tmpdir(), 'sluice-generated-'));

afterAll(() => {
  rmSync(fresh, { recursive: true });
});

/** The files at or below a path, by their names below the root. */
function filesOf(root: string, below: string): ReadonlyMap<string, string> {
  const top = path.join(root, below);
  if (!existsSync(top)) return new Map();
  const names = statSync(top).isFile() ? [''] : readdirSync(top, { recursive: true, encoding: 'utf8' });
  const files = names
    .filter((name) => !name.includes('__pycache__'))
    .map((name) => path.join(below, name))
    .filter((name) => statSync(path.join(root, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(root, name), 'utf8')]));
}

describe('what is committed is what the contract generates', () => {
  for (const target of TARGETS) {
    test(target.path, { timeout: 120_000 }, ({ skip }) => {
      const missing = target.missing?.();
      if (missing !== undefined) skip(missing);
      generate(target, fresh);
      const [kept, made] = [filesOf(ROOT, target.path), filesOf(fresh, target.path)];
      const stale = [...new Set([...kept.keys(), ...made.keys()])].filter((name) => kept.get(name) !== made.get(name));
      expect(made.size).toBeGreaterThan(0);
      expect(stale, 'run npm run generate').toEqual([]);
    });
  }

  test('and nothing is generated elsewhere', () => {
    const elsewhere = readdirSync(fresh, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(path.join(fresh, name)).isFile())
      .filter((name) => !TARGETS.some((target) => name === target.path || name.startsWith(`${target.path}/`)));
    expect(elsewhere).toEqual([]);
  });
});
