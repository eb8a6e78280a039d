import { parseArgs } from 'node:util';
import { type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { durationMs, timestampDate } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { type Attempt, AttemptReasonSchema } from '../gen/sluice/v1/decision_pb.ts';
import { DrillFault, DrillFaultSchema } from '../gen/sluice/v1/drill_pb.ts';
import { ErrorReason, ErrorReasonSchema } from '../gen/sluice/v1/error_pb.ts';
import {
  type DrillRequestSchema,
  type DrillResponse,
  DrillResponseSchema,
  RoutingService,
  type StruckCall,
} from '../gen/sluice/v1/routing_service_pb.ts';
import { type Command, EXIT_OK, UsageError } from './command.ts';
import { enumWord } from './enum-word.ts';
import { askGateway, GATEWAY_HELP } from './gateway.ts';
import { readDuration, readNumber } from './read-option.ts';
import { printable } from './table.ts';

const FAULTS: ReadonlyMap<string, DrillFault> = new Map([
  ['rate-limited', DrillFault.RATE_LIMITED],
  ['server-error', DrillFault.SERVER_ERROR],
  ['timeout', DrillFault.TIMEOUT],
  ['cut', DrillFault.CUT],
  ['stall', DrillFault.STALL],
  ['malformed', DrillFault.MALFORMED],
]);

const HELP = `Strikes live calls with faults and shows how each one fared. The drill ends with this program, or when its time is up.

Usage: sluice drill --fault FAULT (--route ROUTE | --key ID | --target TARGET) [options]

  --fault FAULT        ${[...FAULTS.keys()].join(', ')}.
  --route ROUTE        Only calls of this route.
  --key ID             Only calls with the key of this id.
  --target TARGET      Only attempts at this target: its name, "provider/model" or a provider. May be repeated.

Options:
  --percent N          So many of a hundred calls. Default: 100.
  --for DURATION       How long, at most 1h. Default: 1m.
  --retry-after DURATION
                       With rate-limited: how long it asks to wait. Default: it does not say.
  --status CODE        With server-error: 500 to 599. Default: 500.
  --after-content      With cut, stall and malformed: strike streams after their first content. The request then goes to
                       the provider; otherwise nothing is sent.
  --affect-health      Let the faults count for the health of their targets, and so for all other calls.
  --json               Print what the gateway tells as JSON, a line each.
  --help               Print this.

${GATEWAY_HELP}The key needs the role OPERATOR.
`;

export const drill: Command = {
  name: 'drill',
  summary: 'Strike live calls with faults and see how they fall back',
  help: HELP,
  async run(args, io) {
    const { json, request } = readArguments(args);
    await askGateway(io, async (transport) => {
      for await (const response of createClient(RoutingService, transport).drill(request)) {
        io.out(json ? `${JSON.stringify(toJson(DrillResponseSchema, response))}\n` : printable(linesOf(response)));
      }
    });
    return EXIT_OK;
  },
};

interface DrillArguments {
  readonly json: boolean;
  readonly request: MessageInitShape<typeof DrillRequestSchema>;
}

function readArguments(args: readonly string[]): DrillArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string' },
      route: { type: 'string' },
      key: { type: 'string' },
      target: { type: 'string', multiple: true },
      percent: { type: 'string' },
      for: { type: 'string' },
      'retry-after': { type: 'string' },
      status: { type: 'string' },
      'after-content': { type: 'boolean' },
      'affect-health': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const { route = '', key: keyId = '', target: targets = [], percent = '100', status } = values;
  const retryAfter = values['retry-after'];
  const fault = FAULTS.get(values.fault ?? '');
  if (fault === undefined) throw new UsageError(`--fault must be one of ${[...FAULTS.keys()].join(', ')}`);
  if (route === '' && keyId === '' && targets.length === 0) {
    throw new UsageError('Say which calls: --route, --key or --target. A drill does not strike everything.');
  }
  return {
    json: values.json ?? false,
    request: {
      scope: { keyId, route, targets, percent: readNumber('--percent', percent, [1, 100]) },
      fault,
      duration: readDuration('--for', values.for ?? '1m'),
      ...(retryAfter !== undefined && { retryAfter: readDuration('--retry-after', retryAfter) }),
      ...(status !== undefined && { status: readNumber('--status', status, [500, 599]) }),
      afterContent: values['after-content'] ?? false,
      affectHealth: values['affect-health'] ?? false,
    },
  };
}

function linesOf({ event }: DrillResponse): string {
  switch (event.case) {
    case 'begun': {
      const until = event.value.expires === undefined ? '' : timestampDate(event.value.expires).toISOString();
      return `${event.value.drillId} is in force until ${until}\n\n${row('CALL', 'KEY', 'ROUTE')}WHAT HAPPENED\n`;
    }
    case 'call':
      return `${row(event.value.requestId, event.value.keyId, event.value.route)}${storyOf(event.value)}\n`;
    case 'ended': {
      const { calls, answered, unfinished, leftOut, duration } = event.value;
      const more = [
        ...(unfinished > 0 ? [`${unfinished} unfinished`] : []),
        ...(leftOut > 0 ? [`${leftOut} not shown`] : []),
      ];
      const seconds = duration === undefined ? 0 : durationMs(duration) / 1000;
      return `\n${[`${calls} calls struck in ${seconds} s, ${answered} of them answered`, ...more].join(', ')}\n`;
    }
    case undefined:
      return '';
  }
}

/** Rows come one by one, so that no later one can widen a column. */
function row(call: string, key: string, route: string): string {
  return `${call.padEnd(38)}${key.padEnd(13)} ${route.padEnd(19)} `;
}

function storyOf({ attempts, failure }: StruckCall): string {
  const end = failure === ErrorReason.UNSPECIFIED ? [] : [`failed: ${enumWord(ErrorReasonSchema, failure)}`];
  return [...attempts.map(attemptText), ...end].join(' -> ');
}

function attemptText({ target, reason, drill: fault }: Attempt): string {
  const struck = fault === DrillFault.UNSPECIFIED ? '' : ` (drill: ${enumWord(DrillFaultSchema, fault)})`;
  return `${target} ${enumWord(AttemptReasonSchema, reason)}${struck}`;
}
