import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { BARS } from './bars.ts';
import { runSeeded } from './seeded.ts';

// npm run bars: runs bars one after the other, each in a process of its own, and prints a line for each. Arguments: names
// of bars, else all; --short for few rounds; --seeded breaks a copy of the checkout as bars/seeded.ts says, and expects
// that the bars notice. Exit code 1: a bar is broken, or did not notice.

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('--'));
const named = args.filter((arg) => !arg.startsWith('--')).map((arg) => arg.toUpperCase());
const unknown = [...named.filter((name) => BARS[name] === undefined), ...flags.filter((flag) => !isFlag(flag))];
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. Bars: ${Object.keys(BARS).join(', ')}; --short, --seeded.\n`);
  process.exit(2);
}

const names = named.length > 0 ? named : Object.keys(BARS);
const good = flags.includes('--seeded') ? await runSeeded(names) : await runAll(names, flags);
process.exitCode = good ? 0 : 1;

function isFlag(flag: string): boolean {
  return flag === '--short' || flag === '--seeded';
}

async function runAll(all: readonly string[], options: readonly string[]): Promise<boolean> {
  let good = true;
  for (const name of all) good = (await runOne(name, options)) && good;
  return good;
}

function runOne(name: string, options: readonly string[]): Promise<boolean> {
  const seconds = BARS[name]?.limitSeconds ?? 0;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'one.ts'), name, ...options], {
      stdio: 'inherit',
    });
    const timer = setTimeout(() => {
      process.stdout.write(`${name} BROKEN  NOT done within ${seconds} s\n`);
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      if (code !== 0 && code !== 1 && code !== null)
        process.stdout.write(`${name} BROKEN  NOT an exit code of its own: ${code}\n`);
      resolve(code === 0);
    });
  });
}
