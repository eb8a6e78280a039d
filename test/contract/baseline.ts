import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './buf.ts';

/** An earlier state of the contract, as an archive that buf reads. */
export interface Baseline {
  readonly name: string;
  readonly archive: string;
}

/**
 * What the contract must not break: the last release and the main branch, or the commit before this one where the
 * checkout is the main branch as it stands. Empty where git, its history or an earlier proto/ is missing.
 */
export function findBaselines(): readonly Baseline[] {
  const head = git('rev-parse', 'HEAD');
  const changed = git('status', '--porcelain', '--', 'proto') !== '';
  const isOther = (name: string): boolean => changed || git('rev-parse', '--verify', `${name}^{commit}`) !== head;
  const release = git('describe', '--tags', '--abbrev=0');
  const branch = ['origin/main', 'main', 'HEAD~1'].find((name) => holdsContract(name) && isOther(name));
  return [release, branch]
    .filter((name) => name !== undefined && name !== '' && holdsContract(name))
    .map((name) => ({ name: String(name), archive: archive(String(name)) }));
}

function holdsContract(name: string): boolean {
  return ['proto', 'buf.yaml'].every(
    (file) => git('rev-parse', '--verify', '--quiet', `${name}:${file}`) !== undefined,
  );
}

function archive(name: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'sluice-baseline-')), 'contract.tar');
  execFileSync('git', ['archive', '--output', file, name, 'proto', 'buf.yaml'], { cwd: ROOT });
  return file;
}

/** What git prints; undefined where it fails, as it does outside a clone. */
function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
