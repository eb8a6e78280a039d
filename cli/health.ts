import { parseArgs } from 'node:util';
import { toJson } from '@bufbuild/protobuf';
import { type Duration, durationMs, type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { GetTargetHealthResponseSchema, RoutingService } from '../gen/sluice/v1/routing_service_pb.ts';
import type { TargetHealth } from '../gen/sluice/v1/target_health_pb.ts';
import { type Command, EXIT_OK } from './command.ts';
import { askGateway, GATEWAY_HELP } from './gateway.ts';
import { readDuration } from './read-option.ts';
import { formatTable } from './table.ts';

const HELP = `Shows how targets fare, as the gateway's process has seen it since its start.

Usage: sluice health [TARGET…] [options]

  TARGET               "provider/model" or a provider. None: all of them.

Options:
  --watch              Go on, and show those that change.
  --interval DURATION  With --watch: how often, at least 1s. Default: 5s.
  --json               Print what the gateway tells as JSON, a line each.
  --help               Print this.

${GATEWAY_HELP}The key needs the role OPERATOR.
`;

export const health: Command = {
  name: 'health',
  summary: 'Show how targets fare',
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { watch: { type: 'boolean' }, interval: { type: 'string' }, json: { type: 'boolean' } },
    });
    const interval = readDuration('--interval', values.interval ?? '5s');
    const request = { targets: positionals, interval, once: values.watch !== true };
    await askGateway(io, async (transport) => {
      for await (const response of createClient(RoutingService, transport).getTargetHealth(request)) {
        if (values.json === true) io.out(`${JSON.stringify(toJson(GetTargetHealthResponseSchema, response))}\n`);
        else io.out(`${formatTable([HEADER, ...response.targets.map((each) => rowOf(each, io.now()))])}\n`);
      }
    });
    return EXIT_OK;
  },
};

const HEADER = ['TARGET', 'STATE', 'IN FLIGHT', 'ATTEMPTS', 'FAILED', 'EJECTIONS', 'FIRST CONTENT', 'TOKENS/S'];

function rowOf(target: TargetHealth, nowMs: number): readonly string[] {
  const { figures, attempts, failures, ejections } = target;
  return [
    `${target.provider}/${target.model}`,
    stateOf(target, nowMs),
    String(figures?.inFlight ?? 0),
    String(attempts),
    String(failures),
    String(ejections),
    milliseconds(figures?.firstContent),
    figures?.tokensPerSecond?.toFixed(1) ?? '-',
  ];
}

function stateOf({ figures, attempts }: TargetHealth, nowMs: number): string {
  const left = (until: Timestamp | undefined): number => (until === undefined ? 0 : timestampMs(until) - nowMs);
  const [ejected, throttled] = [left(figures?.ejectedUntil), left(figures?.throttledUntil)];
  if (ejected > 0) return `ejected for ${Math.ceil(ejected / 1000)} s`;
  if (throttled > 0) return `throttled for ${Math.ceil(throttled / 1000)} s`;
  return attempts === 0n && figures?.inFlight === 0 ? 'not called yet' : 'up';
}

function milliseconds(duration: Duration | undefined): string {
  return duration === undefined ? '-' : `${durationMs(duration)} ms`;
}
