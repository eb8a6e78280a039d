import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../logger.ts';
import type { Attributes, Metric } from './instrument.ts';
import { otlpJson } from './otlp-json.ts';

/** Where metrics are sent, from the OTEL_* variables. */
export interface OtlpTarget {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly serviceName: string;
}

export interface OtlpDeps {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly read: () => readonly Metric[];
  /** Sends a JSON text and resolves with the status of the answer. */
  readonly post: (target: OtlpTarget, body: string) => Promise<number>;
}

/**
 * Sends metrics at each interval. What fails is not sent again: sums are counted since the start, so that the next export
 * makes up for it. Failures are logged when they begin.
 */
export function startOtlpExport(deps: OtlpDeps, target: OtlpTarget): { stop(): Promise<void> } {
  const resource: Attributes = { 'service.name': target.serviceName };
  const startedAtMs = deps.clock.now();
  let isFailing = false;
  let timer: Timer | undefined;
  const send = async (): Promise<void> => {
    const problem = await attempt();
    if (problem !== undefined && !isFailing) deps.logger.warn('metrics cannot be exported', { problem });
    isFailing = problem !== undefined;
  };
  const attempt = async (): Promise<string | undefined> => {
    try {
      const body = otlpJson(deps.read(), { resource, startedAtMs, nowMs: deps.clock.now() });
      const status = await deps.post(target, body);
      return status >= 200 && status < 300 ? undefined : `the collector answered ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const again = (): void => {
    timer = deps.clock.schedule(target.intervalMs, () => void send().then(again));
  };
  again();
  return {
    async stop() {
      timer?.stop();
      await send();
    },
  };
}
