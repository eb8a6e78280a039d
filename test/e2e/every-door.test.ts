import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REASON_TABLE } from '../../server/errors/reason-table.ts';
import type { ReasonName } from '../../server/errors/sluice-error.ts';
import { openGateway, type TestGateway } from '../support/gateway.ts';
import { type Ask, DOORS, type Kind } from './every-door-requests.ts';

// The same call gone wrong in the same way at every door: the same reason, in the words of each.

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway({
    providers: (url) =>
      `  - {name: counter, dialect: anthropic-messages, base_url: "${url}/v1", allow_private_address: true}\n`,
  });
});
afterAll(() => gateway.close());

/** A model that fails so, at a provider that does what the door asks for. */
const failing = (kind: Kind, fault: string): string => {
  const [provider, model] =
    kind === 'count'
      ? ['counter', 'simulated-chat']
      : ['sim', kind === 'embed' ? 'simulated-embedding' : 'simulated-chat'];
  return `${provider}/${model}${fault === '' ? '' : `?${fault}`}`;
};

interface Case {
  readonly name: string;
  readonly ask: (kind: Kind) => Ask;
  readonly reason: ReasonName;
  /** Whether the call was admitted, and so is in the ledger. */
  readonly recorded: boolean;
  /** Kinds of calls that can fail so. Absent: all. */
  readonly kinds?: readonly Kind[];
  /** A body of its own, which only REST has. */
  readonly rest?: true;
  readonly retryAfter?: number;
}

const upstream = (name: string, fault: string, reason: ReasonName, more: Partial<Case> = {}): Case => ({
  name,
  ask: (kind) => ({ model: failing(kind, fault) }),
  reason,
  recorded: true,
  ...more,
});
const sound = (kind: Kind): Ask => ({ model: failing(kind, '') });

const CASES: readonly Case[] = [
  { name: 'no key', ask: (kind) => ({ ...sound(kind), key: '' }), reason: 'UNAUTHENTICATED', recorded: false },
  {
    name: 'a wrong key',
    ask: (kind) => ({ ...sound(kind), key: 'sk-sluice-wrong' }),
    reason: 'UNAUTHENTICATED',
    recorded: false,
  },
  { name: 'an unknown model', ask: () => ({ model: 'nobody/knows' }), reason: 'MODEL_NOT_FOUND', recorded: false },
  {
    name: 'a body that is no JSON',
    ask: (kind) => ({ ...sound(kind), body: '{"model":' }),
    reason: 'INVALID_REQUEST',
    recorded: false,
    rest: true,
  },
  {
    name: 'a member of the wrong type',
    ask: (kind) => ({
      ...sound(kind),
      body: '{"model":"sim/simulated-chat","max_tokens":9,"messages":7,"input":7,"prompt":{},"contents":7,"content":7}',
    }),
    reason: 'INVALID_REQUEST',
    recorded: false,
    rest: true,
  },
  upstream('a rate limit with a time to wait', 'fault=status&code=429&retry-after=7', 'UPSTREAM_RATE_LIMITED', {
    retryAfter: 7,
  }),
  upstream('a provider that fails', 'fault=status&code=500', 'UPSTREAM_UNAVAILABLE'),
  upstream('an overloaded provider', 'fault=status&code=529', 'UPSTREAM_OVERLOADED'),
  upstream('a refused credential', 'fault=status&code=401', 'UPSTREAM_CREDENTIAL_REJECTED'),
  upstream('a page of HTML', 'fault=html', 'UPSTREAM_MALFORMED'),
  // How these are told is the chat formats' own; the simulated counter speaks in types alone.
  upstream(
    'a prompt that is too long',
    'fault=status&code=400&error=context_length_exceeded',
    'CONTEXT_LENGTH_EXCEEDED',
    { kinds: ['chat', 'stream', 'embed'] },
  ),
  upstream('a content filter', 'fault=status&code=400&error=content_filter', 'CONTENT_FILTERED', {
    kinds: ['chat', 'stream', 'embed'],
  }),
  upstream('a stream cut before its first words', 'fault=cut&after=0', 'UPSTREAM_UNAVAILABLE', { kinds: ['stream'] }),
  upstream('a stream cut after its first words', 'fault=cut&after=4', 'STREAM_INTERRUPTED', { kinds: ['stream'] }),
  upstream('a stream reset after its first words', 'fault=reset&after=4', 'STREAM_INTERRUPTED', { kinds: ['stream'] }),
  {
    name: 'a deadline',
    ask: (kind) => ({ model: failing(kind, 'latency=5000'), timeoutMs: 250 }),
    reason: 'DEADLINE_EXCEEDED',
    recorded: true,
  },
];

describe.each(DOORS)('$name', (door) => {
  const fitting = CASES.filter(({ kinds, rest }) => (kinds?.includes(door.kind) ?? true) && (door.rest || !rest));

  it('answers', async () => {
    const ending = await door.call(gateway.url, sound(door.kind));
    expect(ending).toMatchObject({ reason: 'OK', wellFormed: true });
  });

  it.each(fitting)('tells $name by its reason, in its own format', async ({ ask, reason, recorded, retryAfter }) => {
    const before = gateway.ledger.settled.length;
    const ending = await door.call(gateway.url, ask(door.kind));
    const within = reason === 'STREAM_INTERRUPTED';
    const status = door.rest ? (within ? 200 : REASON_TABLE[reason].status) : undefined;
    expect(ending).toEqual({ reason, status, wellFormed: true, retryAfter });
    await gateway.liveCalls.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
    expect(gateway.ledger.settled.length - before).toBe(recorded ? 1 : 0);
  });

  it('settles a call whose caller goes away', async () => {
    const before = gateway.ledger.settled.length;
    const leaving = new AbortController();
    const call = door.call(gateway.url, { model: failing(door.kind, 'latency=5000'), signal: leaving.signal });
    await expect.poll(() => gateway.ledger.openCalls.size).toBe(1);
    leaving.abort();
    await expect(call).rejects.toThrow();
    await gateway.liveCalls.idle();
    expect(gateway.ledger.openCalls.size).toBe(0);
    expect(gateway.ledger.settled.slice(before).map(({ outcome }) => outcome)).toEqual([
      { kind: 'failure', reason: 'CANCELED' },
    ]);
  });
});
