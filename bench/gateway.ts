import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RunningProcess, scratch, startProcess } from './processes.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = join(ROOT, 'server/main.ts');
export const GATEWAY_KEY = 'sk-sluice-bench-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';

/** The three behaviours of the mock provider, each as a provider of its own: the name is the first part of its paths. */
export const PROVIDERS = { unary: 'u', burst: 'b', paced: 'p' } as const;

export interface GatewayInit {
  readonly upstreamPort: number;
  /** Flags for Node, before the program. */
  readonly nodeFlags?: readonly string[];
}

/** Sluice as a user starts it: its own entry, a configuration file, a key. */
export function startGateway({ upstreamPort, nodeFlags = [] }: GatewayInit): Promise<RunningProcess> {
  const folder = mkdtempSync(join(scratch, 'gateway-'));
  const config = join(folder, 'sluice.yaml');
  writeFileSync(config, configOf(upstreamPort));
  return startProcess({
    name: 'The gateway',
    place: 'measured',
    command: process.execPath,
    args: [...startFlags(), ...nodeFlags, MAIN],
    env: {
      SLUICE_CONFIG: config,
      SLUICE_LISTEN: '127.0.0.1:0',
      SLUICE_DATA: join(folder, 'data'),
      BENCH_KEY: GATEWAY_KEY,
    },
    ready: /Sluice listens on http:\/\/127\.0\.0\.1:(\d+)/,
  });
}

/** The flags that npm start runs the gateway with. */
function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return String(scripts.start)
    .split(' ')
    .filter((word) => word.startsWith('--'));
}

function configOf(upstreamPort: number): string {
  const providers = Object.values(PROVIDERS).map(
    (name) =>
      `  - {name: ${name}, dialect: openai-chat, base_url: "http://127.0.0.1:${upstreamPort}/${name}/v1", allow_private_address: true, models: [m]}`,
  );
  return `providers:\n${providers.join('\n')}\nkeys:\n  - {id: bench, secret: "env:BENCH_KEY"}\n`;
}
