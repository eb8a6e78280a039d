import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generate } from '../../scripts/generate.ts';
import { ROOT } from './buf.ts';

/** All that is generated and committed. */
const GENERATED = ['gen', 'clients/ts/src/gen', 'sluice.schema.json'] as const;

const fresh = mkdtempSync(path.join(tmpdir(), 'sluice-generated-'));

beforeAll(() => {
  generate(fresh);
}, 60_000);

afterAll(() => {
  rmSync(fresh, { recursive: true });
});

/** The files at or below a path, by their names below the root. */
function filesOf(root: string, below: string): ReadonlyMap<string, string> {
  const top = path.join(root, below);
  if (!existsSync(top)) return new Map();
  const names = statSync(top).isFile() ? [''] : readdirSync(top, { recursive: true, encoding: 'utf8' });
  const files = names.map((name) => path.join(below, name)).filter((name) => statSync(path.join(root, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(root, name), 'utf8')]));
}

describe('what is committed is what the contract generates', () => {
  test.each(GENERATED)('%s', (below) => {
    const [kept, made] = [filesOf(ROOT, below), filesOf(fresh, below)];
    const stale = [...new Set([...kept.keys(), ...made.keys()])].filter((name) => kept.get(name) !== made.get(name));
    expect(stale, 'run npm run generate').toEqual([]);
    expect(made.size).toBeGreaterThan(0);
  });

  test('and nothing else is generated', () => {
    const elsewhere = readdirSync(fresh, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(path.join(fresh, name)).isFile())
      .filter((name) => !GENERATED.some((below) => name === below || name.startsWith(`${below}/`)));
    expect(elsewhere).toEqual([]);
  });
});
