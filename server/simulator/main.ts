import { parseDuration } from '../core/duration.ts';
import { type SimulatorOptions, startSimulator } from './simulator.ts';

/**
 * Runs the simulator alone. Environment:
 * SLUICE_SIMULATOR_LISTEN (host:port, default 127.0.0.1:8090), SLUICE_SIMULATOR_LATENCY (until the first token, default
 * 200ms), SLUICE_SIMULATOR_TOKENS_PER_SECOND (default 60; 0 for as fast as it goes), SLUICE_SIMULATOR_SEED (default 1),
 * SLUICE_SIMULATOR_BILLING ("generated" or "whole": what a client that leaves early pays for).
 */
function readEnvironment(env: NodeJS.ProcessEnv): SimulatorOptions {
  const listen = new URL(`http://${env.SLUICE_SIMULATOR_LISTEN ?? '127.0.0.1:8090'}`);
  const latencyMs = parseDuration(env.SLUICE_SIMULATOR_LATENCY ?? '200ms');
  const billing = env.SLUICE_SIMULATOR_BILLING ?? 'generated';
  if (latencyMs === undefined) throw new Error('SLUICE_SIMULATOR_LATENCY must be a duration, as in 200ms.');
  if (billing !== 'generated' && billing !== 'whole') {
    throw new Error('SLUICE_SIMULATOR_BILLING must be "generated" or "whole".');
  }
  return {
    host: listen.hostname.replace(/^\[|\]$/g, ''),
    port: Number(listen.port || 80),
    latencyMs,
    tokensPerSecond: readNumber(env, 'SLUICE_SIMULATOR_TOKENS_PER_SECOND', 60),
    seed: readNumber(env, 'SLUICE_SIMULATOR_SEED', 1),
    billing,
  };
}

function readNumber(env: NodeJS.ProcessEnv, name: string, initial: number): number {
  const value = Number(env[name] ?? initial);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name} must be a number, 0 or more.`);
}

const simulator = await startSimulator(readEnvironment(process.env));
console.log(`The simulated provider listens on ${simulator.url}/v1; its invoice is at ${simulator.url}/invoice.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void simulator.close();
  });
}
