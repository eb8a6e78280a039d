import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Sluice as a process of its own, as a user starts it. */
export interface SluiceProcess {
  readonly url: string;
  readonly folder: string;
  readonly child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
}

export interface ProcessOptions {
  /** The text of sluice.yaml; none where undefined. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of an earlier start. */
  readonly folder?: string;
  /** Do not wait for /readyz: the process is meant to refuse. */
  readonly refused?: boolean;
  readonly port?: number;
}

/** Starts Sluice for the length of a test and waits until it is ready. No provider's key is in its environment. */
export async function startProcess(options: ProcessOptions = {}): Promise<SluiceProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'sluice-test-')));
  if (options.config !== undefined) await writeFile(join(folder, 'sluice.yaml'), options.config);
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, [join(ROOT, 'server/main.ts')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      SLUICE_LISTEN: `127.0.0.1:${port}`,
      SLUICE_DATA: join(folder, 'data'),
      ...options.env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await exited;
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  });
  const started = { url: `http://127.0.0.1:${port}`, folder, child, output: () => output, exited };
  if (options.refused !== true) await ready(started);
  return started;
}

async function ready(started: SluiceProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (started.child.exitCode !== null) break;
    const response = await fetch(`${started.url}/readyz`).catch(() => undefined);
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Sluice did not become ready:\n${started.output()}`);
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = net.createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => done(port));
    });
  });
}
