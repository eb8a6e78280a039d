import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttemptReason } from '../../gen/sluice/v1/decision_pb.ts';
import type { AttemptFailure } from '../../server/errors/attempt-error.ts';
import type { ReasonName } from '../../server/errors/sluice-error.ts';
import { openGateway, type TestGateway } from '../support/gateway.ts';
import { DOORS } from './every-door-requests.ts';

// Each fault of a provider x each door, unary and streamed x routes of one and of three targets: where the call went, and why.
// Names that do not resolve are left out, because tests stay on this machine: test/upstream has them with a resolver of its own.

interface Fault {
  readonly name: string;
  /** What the simulator does. Undefined: nobody listens there. */
  readonly fault: string | undefined;
  /** How the attempt ends. */
  readonly attempt: AttemptFailure;
  /** What the caller reads where no other target is left. */
  readonly reason: ReasonName;
  /** How it ends where content has gone to the caller before: only streams. */
  readonly late?: true;
  /** Where it is no fault of such calls at all. */
  readonly only?: 'chat' | 'stream';
}

const status = (query: string, attempt: AttemptFailure, reason: ReasonName): Fault => ({
  name: `status ${query.replace('&', ' with ')}`,
  fault: `fault=status&code=${query}`,
  attempt,
  reason,
});

const FAULTS: readonly Fault[] = [
  status('429', 'RATE_LIMITED', 'UPSTREAM_RATE_LIMITED'),
  status('429&retry-after=3', 'RATE_LIMITED', 'UPSTREAM_RATE_LIMITED'),
  status('429&retry-after-date=3', 'RATE_LIMITED', 'UPSTREAM_RATE_LIMITED'),
  status('429&retry-after-ms=3000', 'RATE_LIMITED', 'UPSTREAM_RATE_LIMITED'),
  status('401', 'CREDENTIAL_REJECTED', 'UPSTREAM_CREDENTIAL_REJECTED'),
  status('403', 'CREDENTIAL_REJECTED', 'UPSTREAM_CREDENTIAL_REJECTED'),
  status('500', 'SERVER_ERROR', 'UPSTREAM_UNAVAILABLE'),
  status('502', 'SERVER_ERROR', 'UPSTREAM_UNAVAILABLE'),
  status('503', 'OVERLOADED', 'UPSTREAM_OVERLOADED'),
  status('529', 'OVERLOADED', 'UPSTREAM_OVERLOADED'),
  { name: 'a refused connection', fault: undefined, attempt: 'CONNECTION', reason: 'UPSTREAM_UNAVAILABLE' },
  {
    name: 'a connection that is hung up',
    fault: 'fault=hang-up',
    attempt: 'CONNECTION',
    reason: 'UPSTREAM_UNAVAILABLE',
  },
  { name: 'a page of HTML with 200', fault: 'fault=html', attempt: 'MALFORMED', reason: 'UPSTREAM_MALFORMED' },
  {
    name: 'an error body with 200',
    fault: 'fault=error-body',
    attempt: 'SERVER_ERROR',
    reason: 'UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'no choices',
    fault: 'fault=empty-choices',
    attempt: 'EMPTY_RESPONSE',
    reason: 'UPSTREAM_MALFORMED',
    only: 'chat',
  },
  { name: 'what is no JSON', fault: 'fault=malformed&after=0', attempt: 'MALFORMED', reason: 'UPSTREAM_MALFORMED' },
  { name: 'no headers in time', fault: 'fault=delay&ms=60000', attempt: 'TIMEOUT', reason: 'UPSTREAM_TIMEOUT' },
  {
    name: 'silence after headers',
    fault: 'fault=silent-after-headers',
    attempt: 'TIMEOUT',
    reason: 'UPSTREAM_TIMEOUT',
  },
  { name: 'a stall before content', fault: 'fault=stall&after=0', attempt: 'TIMEOUT', reason: 'UPSTREAM_TIMEOUT' },
  {
    name: 'a cut before content',
    fault: 'fault=cut&after=0&how=fin',
    attempt: 'INTERRUPTED',
    reason: 'UPSTREAM_UNAVAILABLE',
  },
  {
    name: 'a cut after content',
    fault: 'fault=cut&after=4',
    attempt: 'INTERRUPTED',
    reason: 'STREAM_INTERRUPTED',
    late: true,
    only: 'stream',
  },
  {
    name: 'a stall after content',
    fault: 'fault=stall&after=4',
    attempt: 'TIMEOUT',
    reason: 'STREAM_INTERRUPTED',
    late: true,
    only: 'stream',
  },
  {
    name: 'what is no JSON after content',
    fault: 'fault=malformed&after=4',
    attempt: 'MALFORMED',
    reason: 'STREAM_INTERRUPTED',
    late: true,
    only: 'stream',
  },
];

const CHAT_DOORS = DOORS.filter(({ kind }) => kind === 'chat' || kind === 'stream');

/** An address of its own for each cell and place: what is remembered of one must not show in another. */
function target(fault: Fault, cell: number, place: number): string {
  if (fault.fault === undefined) return `{provider: dead, model: "m${cell}-${place}"}`;
  // The bound on how often the fault strikes is never reached: it is there to make the name another one.
  return `{provider: sim, model: "simulated-chat?${fault.fault}&fault-first=${1000 + cell * 10 + place}"}`;
}

const routeName = (fault: number, door: number, targets: number): string => `f${fault}-d${door}-t${targets}`;

function routes(): string {
  const rows = FAULTS.flatMap((fault, f) =>
    CHAT_DOORS.flatMap((_door, d) =>
      ([1, 3] as const).map((count, c) => {
        const cell = (f * CHAT_DOORS.length + d) * 2 + c;
        const bad = count === 1 ? [target(fault, cell, 0)] : [target(fault, cell, 0), target(fault, cell, 1)];
        const all = count === 1 ? bad : [...bad, '{provider: sim, model: simulated-chat}'];
        return `  - {name: ${routeName(f, d, count)}, targets: [${all.join(', ')}], strategy: {type: ORDERED}, retry: {max_attempts_per_target: 1}, timeouts: {per_try: 1s, ttft: 600ms, stream_idle: 600ms}}`;
      }),
    ),
  );
  return `routes:\n${rows.join('\n')}\n`;
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: routes() });
});
afterAll(() => gateway.close());

const reasonsOf = (model: string): readonly string[] => {
  const call = gateway.ledger.settled.findLast((settled) => settled.model === model);
  const names = Object.entries(AttemptReason);
  return (call?.decision.attempts ?? []).map(({ reason }) => names.find(([, value]) => value === reason)?.[0] ?? '');
};

/** A cell of the matrix as it came out. */
interface Outcome {
  readonly reason: string;
  readonly attempts: readonly string[];
}

describe.each(CHAT_DOORS.map((door, d) => ({ ...door, d })))('$name', (door) => {
  const fitting = FAULTS.map((fault, f) => ({ ...fault, f })).filter(
    ({ only }) => only === undefined || only === door.kind,
  );
  const outcomes = new Map<string, Outcome>();

  // All at once: most of them wait for timers.
  beforeAll(async () => {
    const models = fitting.flatMap(({ f }) => [routeName(f, door.d, 1), routeName(f, door.d, 3)]);
    await Promise.all(
      models.map(async (model) => {
        const { reason } = await door.call(gateway.url, { model });
        outcomes.set(model, { reason, attempts: reasonsOf(model) });
      }),
    );
  });

  it.each(fitting)('one target with $name: the call fails with its reason', ({ f, attempt, reason }) => {
    expect(outcomes.get(routeName(f, door.d, 1))).toEqual({ reason, attempts: [attempt] });
  });

  it.each(fitting)('two targets with $name: the third answers, unless content had gone out', (cell) => {
    const { f, attempt, reason, late } = cell;
    expect(outcomes.get(routeName(f, door.d, 3))).toEqual(
      late ? { reason, attempts: [attempt] } : { reason: 'OK', attempts: [attempt, attempt, 'SUCCESS'] },
    );
  });
});
