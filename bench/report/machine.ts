import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { resolve } from 'node:path';
import { hasNginx } from '../floors/nginx.ts';
import { canMeasure } from '../proc-stat.ts';
import { pins } from '../processes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKAGES = ['fastify', 'undici', '@connectrpc/connect', '@connectrpc/connect-fastify', '@bufbuild/protobuf'];

/** Where and with what the figures were made, one line each. */
export function describeMachine(args: readonly string[]): readonly string[] {
  const [load = 0] = loadavg();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const model = cpus()[0]?.model ?? 'unknown processor';
  return [
    `Command: \`npm run bench${args.length > 0 ? ` -- ${args.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}`,
    `Machine: ${cpus().length} cores, ${model}, ${memory} GB, ${type()} ${release()}`,
    `Load of the machine at the start (1, 5, 15 minutes): ${loadavg()
      .map((one) => one.toFixed(1))
      .join(', ')}`,
    ...(load > cpus().length / 2
      ? [
          '**The machine was busy with other work: calls a second and latencies say little, ratios of CPU time somewhat more.**',
        ]
      : []),
    `Node ${process.version}, ${PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ')}`,
    `Sluice ${commit()}`,
    pins
      ? 'The measured process has one core for itself; load generator and mock provider share another.'
      : 'Processes are not tied to cores here: that takes two cores and taskset.',
    ...(canMeasure ? [] : ['No CPU times and no memory: they come from /proc, which only Linux has.']),
    ...(hasNginx ? [`nginx ${nginxVersion()}`] : ['nginx is not installed, so it was skipped.']),
  ];
}

function versionOf(name: string): string {
  const text = readFileSync(resolve(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

function commit(): string {
  const git = (...args: string[]): string => spawnSync('git', args, { cwd: ROOT }).stdout?.toString().trim() ?? '';
  const hash = git('rev-parse', '--short', 'HEAD');
  if (hash === '') return '(no commit known)';
  return git('status', '--porcelain', '--', 'server', 'gen') === '' ? hash : `${hash} with changes on top`;
}

function nginxVersion(): string {
  return spawnSync('nginx', ['-v']).stderr.toString().split('/').at(-1)?.trim() ?? '';
}
