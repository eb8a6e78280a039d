import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** CPU times and memory of other processes come from /proc, so from Linux only. */
export const canMeasure = process.platform === 'linux';

/** Clock ticks a second, the unit of CPU times in /proc. */
const ticks = canMeasure ? Number(spawnSync('getconf', ['CLK_TCK']).stdout?.toString() || 100) : 100;

/** CPU time that the process has used with all its threads, in user and system mode, in microseconds. NaN if unknown. */
export function cpuMicros(pid: number): number {
  if (!canMeasure) return Number.NaN;
  // The second field is the name in parentheses, which may hold anything; utime and stime are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticks;
}

/** Resident memory in MB. NaN if unknown. */
export function rssMegabytes(pid: number): number {
  if (!canMeasure) return Number.NaN;
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}
