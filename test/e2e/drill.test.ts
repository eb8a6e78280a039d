import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { AttemptReason, type Decision, DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { DrillFault } from '../../gen/sluice/v1/drill_pb.ts';
import { ErrorReason } from '../../gen/sluice/v1/error_pb.ts';
import type { DrillRequest, DrillResponse } from '../../gen/sluice/v1/routing_service_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import {
  ADMIN_KEY,
  OPERATOR_KEY,
  OTHER_KEY,
  routingClient,
  STRUCK_YAML,
  TRANSPORTS,
  withKey,
} from '../support/struck-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: STRUCK_YAML });
});
afterAll(() => gateway.close());

const generation = (model: string) => ({
  model,
  messages: [{ role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: 'Hello' } } }] }],
});
const chats = () => createClient(ChatService, createGrpcTransport({ baseUrl: gateway.url }));
const operator = () => routingClient(createGrpcTransport({ baseUrl: gateway.url }));

async function chat(model: string, key = TEST_KEY): Promise<Decision> {
  const { decision } = await chats().chat({ generation: generation(model) }, withKey(key));
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

/** The Decision of a stream, and how many events came. */
async function stream(model: string): Promise<{ readonly decision: Decision | undefined; readonly events: number }> {
  let events = 0;
  let decision: Decision | undefined;
  try {
    for await (const { event } of chats().streamChat({ generation: generation(model) }, withKey(TEST_KEY))) {
      events += 1;
      if (event.case === 'finish') decision = event.value.decision;
    }
  } catch (thrown) {
    [decision] = ConnectError.from(thrown).findDetails(DecisionSchema);
  }
  return { decision, events };
}

type Order = Partial<Omit<DrillRequest, '$typeName' | 'scope'>>;

/** A drill of the route "fast" that is in force until it is ended. */
async function startDrill(order: Order = {}, scope: object = { route: 'fast', targets: ['main'] }) {
  const leave = new AbortController();
  const request = { scope, fault: DrillFault.SERVER_ERROR, duration: durationFromMs(60_000), ...order };
  const events = operator()
    .drill(request, { ...withKey(OPERATOR_KEY), signal: leave.signal })
    [Symbol.asyncIterator]();
  const next = async (): Promise<DrillResponse['event'] | undefined> => {
    const { value, done } = await events.next();
    return done === true ? undefined : (value as DrillResponse).event;
  };
  expect((await next())?.case).toBe('begun');
  return {
    next,
    async [Symbol.asyncDispose]() {
      leave.abort();
      await next().catch(() => {});
    },
  };
}

const nameOf = (names: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(names).find((name) => names[name] === value) ?? '';
const tried = (decision: Decision | undefined) =>
  decision?.attempts.map(({ target, reason, drill }) => [
    target,
    nameOf(AttemptReason, reason),
    nameOf(DrillFault, drill),
  ]);

const FAULTS: readonly (readonly [keyof typeof DrillFault, keyof typeof AttemptReason])[] = [
  ['RATE_LIMITED', 'RATE_LIMITED'],
  ['SERVER_ERROR', 'SERVER_ERROR'],
  ['TIMEOUT', 'TIMEOUT'],
  ['CUT', 'INTERRUPTED'],
  ['STALL', 'TIMEOUT'],
  ['MALFORMED', 'MALFORMED'],
];

describe('a struck call falls back, and both the caller and the drill are told', () => {
  test.each(FAULTS)('%s, in one piece', async (fault, reason) => {
    await using drill = await startDrill({ fault: DrillFault[fault] });
    const expected = [
      ['main', reason, fault],
      ['spare', 'SUCCESS', 'UNSPECIFIED'],
    ];
    const decision = await chat('fast');
    expect(tried(decision)).toEqual(expected);
    const event = await drill.next();
    if (event?.case !== 'call') throw new Error('no call');
    expect(event.value).toMatchObject({ requestId: decision.requestId, keyId: 'test', route: 'fast', failure: 0 });
    expect(event.value.attempts).toEqual(decision.attempts);
  });

  test.each(FAULTS)('%s, streamed', async (fault, reason) => {
    await using _ = await startDrill({ fault: DrillFault[fault] });
    expect(tried((await stream('fast')).decision)).toEqual([
      ['main', reason, fault],
      ['spare', 'SUCCESS', 'UNSPECIFIED'],
    ]);
  });

  test('429 asks to wait for as long as the drill says', async () => {
    await using _ = await startDrill({ fault: DrillFault.RATE_LIMITED, retryAfter: durationFromMs(1500) });
    expect((await chat('fast')).attempts[0]?.retryAfter).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
  });

  test('a 5xx has the status of the drill', async () => {
    await using _ = await startDrill({ status: 529 });
    expect((await chat('fast')).attempts[0]).toMatchObject({ status: 529, reason: AttemptReason.OVERLOADED });
  });
});

describe('after the first content', () => {
  test.each([
    ['CUT', 'INTERRUPTED'],
    ['STALL', 'TIMEOUT'],
    ['MALFORMED', 'MALFORMED'],
  ] as const)('%s ends the stream with a truthful error', async (fault, reason) => {
    await using drill = await startDrill({ fault: DrillFault[fault], afterContent: true }, { route: 'single' });
    const { decision, events } = await stream('single');
    expect(tried(decision)).toEqual([['only', reason, fault]]);
    expect(events).toBeGreaterThan(0);
    expect((await drill.next())?.value).toMatchObject({ failure: ErrorReason.STREAM_INTERRUPTED });
  });
});

describe('a drill strikes nobody else', () => {
  test('neither other keys, nor other routes, nor other targets', async () => {
    await using _ = await startDrill({}, { keyId: 'test', route: 'fast', targets: ['main'] });
    expect(tried(await chat('fast', OTHER_KEY))).toEqual([['main', 'SUCCESS', 'UNSPECIFIED']]);
    expect(tried(await chat('single'))).toEqual([['only', 'SUCCESS', 'UNSPECIFIED']]);
    expect(tried(await chat('fast'))?.[0]).toEqual(['main', 'SERVER_ERROR', 'SERVER_ERROR']);
  });

  test('nor more calls than its percentage', async () => {
    await using _ = await startDrill({}, { route: 'fast', targets: ['main'], percent: 50 });
    const attempts = [await chat('fast'), await chat('fast'), await chat('fast'), await chat('fast')];
    expect(attempts.map((decision) => decision.attempts.length)).toEqual([1, 2, 1, 2]);
  });

  test('not through the health of its target, unless it is told to', async () => {
    const order = { fault: DrillFault.RATE_LIMITED, retryAfter: durationFromMs(3_600_000) };
    const scope = { keyId: 'test', targets: ['sim/simulated-chat?output-tokens=40'] };
    {
      await using _ = await startDrill(order, scope);
      await chat('fast');
      expect(tried(await chat('fast', OTHER_KEY))).toEqual([['main', 'SUCCESS', 'UNSPECIFIED']]);
    }
    await using _ = await startDrill({ ...order, affectHealth: true }, scope);
    await chat('fast');
    expect(tried(await chat('fast', OTHER_KEY))).toEqual([['spare', 'SUCCESS', 'UNSPECIFIED']]);
    // A success ends the rest that a 429 asked for.
    await chat('sim/simulated-chat?output-tokens=40', OTHER_KEY);
  });
});

describe('a drill ends', () => {
  test('with its reader', async () => {
    {
      await using _ = await startDrill();
      expect((await chat('fast')).attempts).toHaveLength(2);
    }
    await expect.poll(async () => (await chat('fast')).attempts.length).toBe(1);
  });

  test('with its time, and lets go of what it held up', async () => {
    await using drill = await startDrill(
      { fault: DrillFault.TIMEOUT, duration: durationFromMs(150) },
      { route: 'single' },
    );
    const held = chat('single');
    expect(ConnectError.from(await held.catch((thrown: unknown) => thrown)).code).toBe(Code.Unavailable);
    const told = [await drill.next(), await drill.next()];
    const ended = told.find((event) => event?.case === 'ended');
    expect(ended?.value).toMatchObject({ calls: 1, answered: 0 });
    expect(tried(await chat('single'))).toEqual([['only', 'SUCCESS', 'UNSPECIFIED']]);
  });
});

describe.each(TRANSPORTS)('over %s', (_, open) => {
  const drill = async (key: string, request: object): Promise<Code | undefined> => {
    try {
      const order = { scope: { route: 'fast' }, fault: DrillFault.CUT, duration: durationFromMs(20), ...request };
      for await (const { event } of routingClient(open(gateway.url)).drill(order, withKey(key))) {
        expect(event.case).toMatch(/begun|ended/);
      }
      return undefined;
    } catch (thrown) {
      return ConnectError.from(thrown).code;
    }
  };

  test.each([
    ['', Code.Unauthenticated],
    [TEST_KEY, Code.PermissionDenied],
    [OPERATOR_KEY, undefined],
    [ADMIN_KEY, undefined],
  ])('the key %s gets %s', async (key, code) => {
    expect(await drill(key, {})).toBe(code);
  });

  test.each([
    ['strikes everything', { scope: { percent: 5 } }],
    ['names a route that is not there', { scope: { route: 'fats' } }],
    ['names a key that is not there', { scope: { keyId: 'tset' } }],
    ['names a target that is not there', { scope: { targets: ['mian'] } }],
    ['is longer than an hour', { duration: durationFromMs(3_600_001) }],
    ['has no duration', { duration: undefined }],
    ['has no fault', { fault: DrillFault.UNSPECIFIED }],
  ])('a drill that %s is refused', async (_name, request) => {
    expect(await drill(OPERATOR_KEY, request)).toBe(Code.InvalidArgument);
  });
});

test('both ends of a drill are logged with who began it', async () => {
  {
    await using _ = await startDrill();
  }
  await expect.poll(() => gateway.log.at(-1)).toContain('drill ended');
  expect(gateway.log.find((line) => line.includes('drill begun'))).toContain('"by":"operator"');
});
