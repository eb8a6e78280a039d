import { describe, expect, test } from 'vitest';
import { startOtlpExport } from '../../server/telemetry/metrics/otlp-export.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const TARGET = { url: 'http://collector.test/v1/metrics', headers: {}, intervalMs: 1000, serviceName: 'sluice' };

/** An export to a collector that answers with statuses, one after the other; an Error is thrown. */
function bench(answers: readonly (number | Error)[]) {
  const clock = createFakeClock();
  const bodies: string[] = [];
  const warnings: string[] = [];
  const running = startOtlpExport(
    {
      clock,
      logger: { warn: (_event, fields) => void warnings.push(String(fields?.problem)) },
      read: () => [],
      async post(_target, body) {
        const answer = answers[bodies.length] ?? 200;
        bodies.push(body);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    TARGET,
  );
  return { clock, bodies, warnings, running };
}

describe('the export of metrics', () => {
  test('goes out at each interval and once more at the end', async () => {
    const { clock, bodies, running } = bench([]);
    await clock.advance(999);
    expect(bodies).toHaveLength(0);
    await clock.advance(1001);
    expect(bodies).toHaveLength(2);
    await running.stop();
    expect(bodies).toHaveLength(3);
    await clock.advance(5000);
    expect(bodies).toHaveLength(3);
  });

  test('goes on after failures, and complains once of each run of them', async () => {
    const { clock, bodies, warnings } = bench([503, new Error('no route'), 200, 400]);
    await clock.advance(4000);
    expect(bodies).toHaveLength(4);
    expect(warnings).toEqual(['the collector answered 503', 'the collector answered 400']);
  });
});
