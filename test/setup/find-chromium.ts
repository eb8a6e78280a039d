import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Found } from './found.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium on the path; on Debian root installs one. */
export function findChromium(say: (line: string) => void): Found {
  const found = onPath();
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    return { missing: `none of ${NAMES.join(', ')} is on the path (Debian: apt-get install chromium)` };
  }
  say('chromium: installing it');
  spawnSync('apt-get', ['update', '-qq']);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  const installed = onPath();
  return installed === undefined ? { missing: 'apt-get could not install chromium' } : { path: installed };
}

function onPath(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
