import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { measureCodecs } from './measure/codecs.ts';
import { measureCosts } from './measure/costs.ts';
import { measureLatency } from './measure/latency.ts';
import { measurePaced } from './measure/paced.ts';
import { measureStarts } from './measure/starts.ts';
import { type Options, readOptions } from './options.ts';
import { rssMegabytes } from './proc-stat.ts';
import { describeMachine } from './report/machine.ts';
import { report } from './report/report.ts';
import type { Both, Results } from './results.ts';
import { openStage, type Stage } from './stage.ts';

/** The benchmark. See README.md beside this file. */

const RESULTS = join(import.meta.dirname, 'RESULTS.md');
/** After its start a process still compiles and collects for a moment. */
const SETTLE_MS = 1000;

const say = (line: string): void => console.error(line);

async function run(options: Options): Promise<Results> {
  const stage = await openStage();
  await pause(SETTLE_MS);
  const idle = memory(stage);
  say('starts');
  const starts = await measureStarts(stage, options.rounds);
  say('codecs');
  const codecs = await measureCodecs(options);
  const costs = await measureCosts(stage, options, say);
  const latency = await measureLatency(stage, options, { cases: costs.cases, say });
  const loaded = memory(stage);
  const paced = options.long ? await measurePaced(stage, say) : [];
  return { ...costs, ...latency, codecs, starts, idle, loaded, paced };
}

function memory({ gateway, floors }: Stage): Both {
  return { gateway: rssMegabytes(gateway.pid), floor: rssMegabytes(floors.unary.pid) };
}

const args = process.argv.slice(2);
const options = readOptions(args);
const machine = describeMachine(args);
const text = report(await run(options), machine);
console.log(text);
// A quick run is too rough to stand in the repository.
if (!options.quick) await writeFile(RESULTS, text);
process.exit(0);
