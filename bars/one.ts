import { BARS } from './bars.ts';

// Runs one bar, in this process: node bars/one.ts B19 [--short]. Prints its line. Exit code 1: broken.

const [name = '', ...flags] = process.argv.slice(2);
const row = BARS[name];
if (row === undefined) throw new Error(`There is no bar ${name}.`);

const outcome = await (await row.load())({ short: flags.includes('--short') });
if ('skipped' in outcome) {
  process.stdout.write(`${name} skipped  ${outcome.skipped}\n`);
} else {
  const broken = outcome.filter(({ ok }) => !ok);
  const text = outcome.map((finding) => (finding.ok ? finding.text : `NOT ${finding.text}`)).join(', ');
  process.stdout.write(`${name} ${broken.length === 0 ? 'ok' : 'BROKEN'}  ${text}\n`);
  if (broken.length > 0) process.exitCode = 1;
}
process.exit();
