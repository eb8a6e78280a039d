import { isIP } from 'node:net';
import { parseDuration } from './core/duration.ts';
import { readOtlpTarget } from './otlp-settings.ts';
import type { OtlpTarget } from './telemetry/metrics/otlp-export.ts';

/** What the environment says of the process itself; everything else is configuration. */
export interface Settings {
  /** Undefined: ./sluice.yaml where it exists, else the defaults. */
  readonly configPath: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly tls: { readonly certPath: string; readonly keyPath: string } | undefined;
  /** How long calls are still taken after SIGTERM, for load balancers to notice. */
  readonly drainDelayMs: number;
  /** How long calls under way may go on after that. */
  readonly drainDeadlineMs: number;
  /** Where metrics are sent; undefined: nowhere. */
  readonly otlp: OtlpTarget | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the SLUICE_* and OTEL_* variables. Throws an Error that names the variable and what it should be. */
export function readSettings(environment: Environment): Settings {
  // Compose files set what they leave open to the empty text.
  const env: Environment = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const { host, port } = readListen(env.SLUICE_LISTEN ?? '127.0.0.1:8080');
  return {
    configPath: env.SLUICE_CONFIG,
    host,
    port,
    dataDir: env.SLUICE_DATA ?? '.sluice',
    tls: readTls(env),
    drainDelayMs: readDuration(env, 'SLUICE_DRAIN_DELAY', '0s'),
    drainDeadlineMs: readDuration(env, 'SLUICE_DRAIN_DEADLINE', '30s'),
    otlp: readOtlpTarget(env),
  };
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function readListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) {
    throw new Error(`SLUICE_LISTEN is "${text}"; it should be host:port, as in 127.0.0.1:8080 or [::1]:8080`);
  }
  return { host, port };
}

function readTls(env: Environment): Settings['tls'] {
  const { SLUICE_TLS_CERT: certPath, SLUICE_TLS_KEY: keyPath } = env;
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath !== undefined && keyPath !== undefined) return { certPath, keyPath };
  throw new Error('SLUICE_TLS_CERT and SLUICE_TLS_KEY go together: the paths of a certificate and its key, both PEM');
}

function readDuration(env: Environment, name: string, fallback: string): number {
  const text = env[name] ?? fallback;
  const value = parseDuration(text);
  if (value === undefined) throw new Error(`${name} is "${text}"; it should be a duration such as 500ms, 30s or 2m`);
  return value;
}
