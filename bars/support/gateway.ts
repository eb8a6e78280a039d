import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayOrder, GatewayReady, Vitals } from './vitals.ts';

export const KEY = 'sk-sluice-bars-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';

/** A gateway in a process of its own. */
export interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Whether the process that was started still runs. */
  readonly alive: boolean;
  /** Collects garbage, then looks. */
  vitals(): Promise<Vitals>;
  /** Looks only: a collection would hold up what is being measured. */
  look(): Promise<Vitals>;
  /** Resident memory now, in bytes. */
  rss(): number;
  /** What it printed. */
  output(): string;
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Base URLs of providers, without /v1, by name. All speak openai-chat. */
  readonly providers: Readonly<Record<string, string>>;
  /** More providers, as lines of YAML. */
  readonly providerRows?: readonly string[];
  /** More YAML, such as routes. */
  readonly yaml?: string;
  /** How many times faster than the machine's its clock goes. */
  readonly speed?: number;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const order: GatewayOrder = { config: configOf(options), key: KEY, speed: options.speed ?? 1 };
  const child = fork(join(import.meta.dirname, 'gateway-main.ts'), {
    silent: true,
    execArgv: ['--expose-gc', ...startFlags()],
  });
  child.send(order);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const gone = once(child, 'exit').then(() => Promise.reject(new Error(`The gateway ended:\n${output}`)));
  gone.catch(() => {});
  const [{ port }] = (await Promise.race([once(child, 'message'), gone])) as [GatewayReady];
  const { pid } = child;
  if (pid === undefined) throw new Error('The gateway has no process id.');
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid,
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    vitals: () => Promise.race([ask(child, 'vitals'), gone]),
    look: () => Promise.race([ask(child, 'look'), gone]),
    rss: () => rssOf(pid),
    output: () => output,
    async close() {
      child.kill('SIGKILL');
      await gone.catch(() => {});
    },
  };
}

async function ask(child: ChildProcess, what: 'vitals' | 'look'): Promise<Vitals> {
  const answer = once(child, 'message');
  child.send(what);
  const [vitals] = (await answer) as [Vitals];
  return vitals;
}

/** The flags that npm start runs the gateway with. */
function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  return String(scripts.start)
    .split(' ')
    .filter((word) => word.startsWith('--'));
}

function rssOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

function configOf({ providers, providerRows = [], yaml = '' }: GatewayOptions): string {
  const rows = Object.entries(providers).map(
    ([name, url]) => `  - {name: ${name}, dialect: openai-chat, base_url: "${url}/v1", allow_private_address: true}`,
  );
  return `providers:\n${[...rows, ...providerRows].join('\n')}\nkeys:\n  - {id: bars, secret: "env:BAR_KEY"}\n${yaml}\n`;
}

/** Watches the resident memory: the growth from now to the highest point, in MB. */
export function watchRss(gateway: Gateway): { stop(): number } {
  const before = gateway.rss();
  let highest = before;
  const look = (): void => {
    if (gateway.alive) highest = Math.max(highest, gateway.rss());
  };
  const timer = setInterval(look, 20);
  return {
    stop() {
      clearInterval(timer);
      look();
      return (highest - before) / 2 ** 20;
    },
  };
}
