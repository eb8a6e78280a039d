import { join } from 'node:path';
import { hasNginx, startNginx } from './floors/nginx.ts';
import { type Floor, startNodeFloor } from './floors/node-floor.ts';
import { startGateway } from './gateway.ts';
import { type LoadGenerator, startLoadGenerator } from './load/load-generator.ts';
import { type RunningProcess, startProcess } from './processes.ts';

/** All that runs during the benchmark. */
export interface Stage {
  readonly load: LoadGenerator;
  readonly upstreamPort: number;
  readonly gateway: RunningProcess;
  readonly floors: Readonly<Record<Floor, RunningProcess>>;
  /** Undefined where nginx is not installed. */
  readonly nginx: RunningProcess | undefined;
}

/** The mock provider, in its own process. */
export function startUpstream(): Promise<RunningProcess> {
  return startProcess({
    name: 'The mock provider',
    place: 'other',
    command: process.execPath,
    args: [join(import.meta.dirname, 'upstream.ts')],
  });
}

/** Starts everything once, so that what is measured is warm. It ends with this process. */
export async function openStage(): Promise<Stage> {
  const load = startLoadGenerator();
  const { port: upstreamPort } = await startUpstream();
  const [gateway, unary, stream] = await Promise.all([
    startGateway({ upstreamPort }),
    startNodeFloor('unary', upstreamPort),
    startNodeFloor('stream', upstreamPort),
  ]);
  const nginx = hasNginx ? await startNginx(upstreamPort) : undefined;
  return { load, upstreamPort, gateway, floors: { unary, stream }, nginx };
}
