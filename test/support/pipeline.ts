import { create } from '@bufbuild/protobuf';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { createKeyRing } from '../../server/auth/key-ring.ts';
import { EMPTY_CATALOGUE } from '../../server/catalogue/catalogue.ts';
import type { PooledCredential, ProviderSnapshot, Snapshot } from '../../server/config/snapshot.ts';
import type { ChatDeps, ChatInput } from '../../server/pipeline/chat.ts';
import { createLiveCalls, type LiveCall, type LiveCalls } from '../../server/pipeline/live-call.ts';
import type { RetryPolicy, Route, Target, Timeouts } from '../../server/routing/route.ts';
import { createRoutingState } from '../../server/routing/routing-state.ts';
import { createMemoryLedger, type MemoryLedger } from '../../server/stores/memory/memory-ledger.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type Answer, createFakeUpstream, type FakeUpstream } from './fake-upstream.ts';

export const KEY_SHA256 = Buffer.alloc(32, 7);

export const RETRY: RetryPolicy = {
  maxAttemptsPerTarget: 3,
  backoffBaseMs: 100,
  backoffMaxMs: 1000,
  jitter: 'none',
  honorRetryAfter: true,
  maxRetryAfterMs: 20_000,
};

export const TIMEOUTS: Timeouts = {
  totalMs: 60_000,
  perTryMs: 30_000,
  firstContentMs: 5000,
  idleMs: 2000,
  connectMs: 1000,
};

/** Everything a use case needs, with time, chance, the network and the store in the test's hands. */
export interface Bench {
  readonly deps: ChatDeps;
  readonly clock: FakeClock;
  readonly upstream: FakeUpstream;
  readonly ledger: MemoryLedger;
  readonly liveCalls: LiveCalls;
  /** A call for a model, as a door would open it. */
  input(init?: { readonly model?: string; readonly maxRetries?: number; readonly strict?: boolean }): ChatInput & {
    readonly call: LiveCall;
  };
}

export interface BenchInit {
  readonly answers: readonly Answer[];
  readonly targets?: readonly Target[];
  readonly retry?: Partial<RetryPolicy>;
  readonly timeouts?: Partial<Timeouts>;
  /** What the route says besides. */
  readonly route?: Partial<Route>;
  /** Of the provider "one". */
  readonly pool?: readonly PooledCredential[];
}

export function createBench(init: BenchInit): Bench {
  const clock = createFakeClock();
  const upstream = createFakeUpstream(init.answers);
  const ledger = createMemoryLedger({ kept: 1000 });
  const liveCalls = createLiveCalls(clock);
  const snapshot = testSnapshot(init);
  const deps: ChatDeps = {
    config: { current: () => snapshot, swap: () => {} },
    ledger,
    clock,
    random: { next: () => 0.5 },
    routing: createRoutingState(clock, { next: () => 0.5 }),
    upstream,
  };
  let count = 0;
  return {
    deps,
    clock,
    upstream,
    ledger,
    liveCalls,
    input({ model = 'fast', maxRetries, strict = false } = {}) {
      count += 1;
      const generation = create(GenerationSchema, {
        model,
        messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'Hello' } } }] }],
      });
      return {
        call: liveCalls.open(`req_${count}`),
        caller: { keySha256: KEY_SHA256 },
        operation: 'chat',
        model,
        metadata: undefined,
        controls: { maxRetries, timeoutMs: undefined, strict },
        generation,
      };
    },
  };
}

function testSnapshot(init: BenchInit): Snapshot {
  const retry = { ...RETRY, ...init.retry };
  const timeouts = { ...TIMEOUTS, ...init.timeouts };
  const targets = init.targets ?? [{ name: 'main', provider: 'one', model: 'm' }];
  return {
    revision: 'r1',
    loadedAtMs: 0,
    providers: new Map(
      [{ ...provider('one'), ...(init.pool && { pool: init.pool }) }, provider('two')].map((each) => [each.name, each]),
    ),
    routes: new Map([['fast', { name: 'fast', targets, retry, timeouts, ...init.route }]]),
    directRoute: { retry, timeouts },
    bareModelProvider: undefined,
    keys: createKeyRing([{ principal: { keyId: 'app', metadata: undefined, role: 'ADMIN' }, sha256: KEY_SHA256 }]),
    catalogue: EMPTY_CATALOGUE,
    corsOrigins: [],
  };
}

function provider(name: string): ProviderSnapshot {
  return {
    name,
    dialect: 'openai-chat',
    embeddingDialect: 'openai-embeddings',
    baseUrl: `http://${name}.test/v1`,
    headers: new Map(),
    auth: undefined,
    allowPrivateAddress: false,
    quirks: {},
    models: [],
  };
}

/** An OpenAI chat answer. */
export const ANSWER = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm-1',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Hi', refusal: null }, logprobs: null, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});

/** One chunk of an OpenAI chat stream, framed. */
export function chunk(delta: object, finish: string | null = null, more: object = {}): string {
  return `data: ${JSON.stringify({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm-1',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })}\n\n`;
}

export const ROLE = chunk({ role: 'assistant', content: '' });
export const USAGE = `data: ${JSON.stringify({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm-1',
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
})}\n\n`;
export const DONE = 'data: [DONE]\n\n';
