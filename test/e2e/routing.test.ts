import type { MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RejectionCode } from '../../gen/sluice/v1/candidate_pb.ts';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { AttemptReason, type Decision, DecisionSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { ErrorReason } from '../../gen/sluice/v1/error_pb.ts';
import { AssumedHealth, type ExplainRequestSchema, RoutingService } from '../../gen/sluice/v1/routing_service_pb.ts';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';

const broken = (status: number, more = ''): string => `"simulated-chat?fault=status&code=${status}${more}"`;

// Nothing is ever ejected, so that a plan hangs on its call alone, in whatever order the tests run.
const YAML = `
routes:
  - name: chain
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    targets: [{provider: dead, model: x}, {name: spare, provider: sim, model: simulated-chat}]
  - name: ranked
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    constraints: {predicate: 'target.labels.tier != "beta"'}
    targets:
      - {name: best, provider: sim, model: simulated-chat, weight: 3}
      - {name: beta, provider: sim, model: simulated-chat, labels: {tier: beta}}
      - {name: good, provider: sim, model: simulated-chat, weight: 1, when: 'metadata.customer != "acme"'}
      - {name: last, route: chain, priority: 1}
    strategy: {type: WEIGHTED, sticky: {by: metadata.session}}
    rules:
      - {name: free, when: 'metadata.tier == "free"', targets: [good, last]}
  - name: stubborn
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    targets: [{provider: sim, model: ${broken(500, '&output-tokens=3')}}, {provider: sim, model: simulated-chat}]
    fallback: {on: [RATE_LIMITED]}
  - name: short
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    targets: [{provider: sim, model: ${broken(500, '&output-tokens=4')}}, {provider: sim, model: ${broken(500, '&output-tokens=5')}}, {provider: sim, model: simulated-chat}]
    fallback: {max_attempts: 2}
  - name: unstreamed
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    targets: [{provider: dead, model: x}, {provider: sim, model: simulated-chat}]
    fallback: {stream: NEVER}
  - name: limited
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    targets: [{provider: sim, model: ${broken(429, '&retry-after=60')}}, {provider: sim, model: simulated-chat}]
  - name: drawn
    outlier_detection: {consecutive_failures: 0, failure_ratio: 0}
    targets: [{name: a, provider: sim, model: simulated-chat}, {name: b, provider: sim, model: simulated-chat}, {name: c, provider: sim, model: simulated-chat}]
    strategy: {type: WEIGHTED}
  - {name: choosy, when: request.stream, targets: [{provider: dead, model: x}], outlier_detection: {consecutive_failures: 0, failure_ratio: 0}}
  - {name: choosy, targets: [{provider: sim, model: simulated-chat}]}
  - {name: picky, when: request.stream, targets: [{provider: sim, model: simulated-chat}]}
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: YAML });
});
afterAll(() => gateway.close());

const headers = { authorization: `Bearer ${TEST_KEY}` };
const generationOf = (model: string) => ({
  model,
  messages: [{ role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: 'Hello' } } }] }],
});
const chats = () => createClient(ChatService, createConnectTransport({ baseUrl: gateway.url, httpVersion: '1.1' }));
const routing = () => createClient(RoutingService, createGrpcTransport({ baseUrl: gateway.url }));

type ExplainInit = Omit<MessageInitShape<typeof ExplainRequestSchema>, '$typeName' | 'generation'>;

const explain = (model: string, more: ExplainInit = {}) =>
  routing().explain({ generation: generationOf(model), ...more }, { headers });

/** What the gateway did with a call, however it ended. */
async function decisionOf(model: string, more: Omit<ExplainInit, 'stream'> = {}): Promise<Decision> {
  try {
    const { decision } = await chats().chat({ generation: generationOf(model), ...more }, { headers });
    if (decision === undefined) throw new Error('no decision');
    return decision;
  } catch (thrown) {
    const [decision] = ConnectError.from(thrown).findDetails(DecisionSchema);
    if (decision === undefined) throw thrown;
    return decision;
  }
}

const { SUCCESS, CONNECTION, SERVER_ERROR } = AttemptReason;
const tried = ({ attempts }: Decision) => attempts.map(({ target, reason }) => [target, reason]);

describe('a route in force', () => {
  test('goes on to the next target, as it did', async () => {
    expect(tried(await decisionOf('chain'))).toEqual([
      ['dead/x', CONNECTION],
      ['spare', SUCCESS],
    ]);
  });

  test('stays where its triggers do not lead on', async () => {
    expect(tried(await decisionOf('stubborn'))).toEqual([[expect.stringContaining('sim/'), SERVER_ERROR]]);
  });

  test('makes no more attempts than it may', async () => {
    expect(tried(await decisionOf('short')).map(([, reason]) => reason)).toEqual([SERVER_ERROR, SERVER_ERROR]);
  });

  test('passes over a target that asked for a pause, and says so', async () => {
    expect((await decisionOf('limited')).attempts).toHaveLength(2);
    const second = await decisionOf('limited', { gateway: { includeCandidates: true } });
    expect(tried(second)).toEqual([['sim/simulated-chat', SUCCESS]]);
    expect(second.candidates[0]).toMatchObject({
      eligible: false,
      rejections: [{ code: RejectionCode.THROTTLED_UNTIL, soft: true }],
    });
  });

  test('of a name that several share is the first whose condition holds', async () => {
    expect(tried(await decisionOf('choosy'))).toEqual([['sim/simulated-chat', SUCCESS]]);
    expect((await explain('choosy', { stream: true })).plan).toMatchObject([{ target: 'dead/x' }]);
  });

  test('that no call of this kind is for is not there', async () => {
    await expect(explain('picky')).rejects.toMatchObject({ code: Code.NotFound });
  });

  test('that shall not fall back for streams does so for whole answers alone', async () => {
    expect((await decisionOf('unstreamed')).attempts).toHaveLength(2);
    const stream = chats().streamChat({ generation: generationOf('unstreamed') }, { headers });
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: Code.Unavailable });
  });

  test('shows the rule that matched', async () => {
    const decision = await decisionOf('ranked', { metadata: { labels: { tier: 'free' } } });
    expect(decision).toMatchObject({ rule: 'free', attempts: [{ target: 'good' }], candidates: [] });
  });
});

describe('a call that no target may take', () => {
  const only = { routing: { only: ['nobody'] } };

  test('is refused with every reason, and is on record', async () => {
    const settled = gateway.ledger.settled.length;
    const decision = await decisionOf('chain', { gateway: only });
    expect(decision.attempts).toEqual([]);
    expect(decision.candidates).toMatchObject([
      {
        target: 'dead/x',
        eligible: false,
        rejections: [{ code: RejectionCode.PREFERENCE, field: 'preferences.only' }],
      },
      { target: 'spare', eligible: false },
    ]);
    expect(gateway.ledger.settled.slice(settled)).toMatchObject([
      { outcome: { kind: 'failure', reason: 'NO_ELIGIBLE_TARGET' } },
    ]);
  });

  test('is FAILED_PRECONDITION over RPC', async () => {
    const call = chats().chat({ generation: generationOf('chain'), gateway: only }, { headers });
    await expect(call).rejects.toMatchObject({ code: Code.FailedPrecondition });
  });

  test('is 422 over REST, and preferences come in a header there', async () => {
    const response = await rest('chain', { 'x-sluice-routing': '{"only": ["nobody"]}' });
    expect([response.status, response.headers.get('x-sluice-reason')]).toEqual([422, 'NO_ELIGIBLE_TARGET']);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toMatchObject({
      error: { code: 'no_eligible_target', message: expect.stringContaining('preferences.only') },
    });
  });
});

function rest(model: string, more: Record<string, string>): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', ...more },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

describe('preferences over REST', () => {
  test('in OpenRouter’s spelling, with the candidates in the answer', async () => {
    const response = await rest('ranked', {
      'x-sluice-routing': '{"order": ["good"], "allow_fallbacks": false, "sort": "price", "data_collection": "allow"}',
      'x-sluice-candidates': 'true',
      'x-sluice-decision': 'true',
    });
    const { sluice } = (await response.json()) as { sluice: { candidates: unknown[]; attempts: unknown } };
    expect(sluice.attempts).toMatchObject([{ target: 'good' }]);
    expect(sluice.candidates).toHaveLength(5);
  });

  test.each(['nonsense', '[]', '{"onyl": []}', '{"sort": "beauty"}', `{"only": ["${'x'.repeat(600)}"]}`])(
    '%s is refused with the header’s name',
    async (text) => {
      const response = await rest('chain', { 'x-sluice-routing': text });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param: 'x-sluice-routing' } });
    },
  );
});

describe('Explain', () => {
  test('needs a key', async () => {
    const call = routing().explain({ generation: generationOf('chain') });
    await expect(call).rejects.toMatchObject({ code: Code.Unauthenticated });
  });

  test('tells the whole decision', async () => {
    const explained = await explain('ranked', { metadata: { customer: 'acme' }, seed: 7 });
    expect(explained).toMatchObject({
      route: 'ranked',
      rule: '',
      refusal: ErrorReason.UNSPECIFIED,
      maxAttempts: 3,
      estimate: { inputTokens: 6 },
      candidates: [
        { target: 'best', eligible: true, probability: 1 },
        { target: 'beta', eligible: false, rejections: [{ code: RejectionCode.PREDICATE }] },
        { target: 'good', eligible: false, rejections: [{ code: RejectionCode.WHEN_FALSE }] },
        { target: 'last/dead/x', eligible: true, probability: 0 },
        { target: 'last/spare', eligible: true, probability: 0 },
      ],
    });
    expect(explained.plan.map(({ target }) => target)).toEqual(['best', 'last/dead/x', 'last/spare']);
    expect(explained.plan[1]?.reachedBy).toContain(AttemptReason.RATE_LIMITED);
    expect(explained.plan[1]?.reachedBy).not.toContain(AttemptReason.INVALID_REQUEST);
  });

  test('has no effect', async () => {
    const before = [gateway.ledger.openCalls.size, gateway.ledger.settled.length, gateway.liveCalls.size];
    await explain('chain');
    expect([gateway.ledger.openCalls.size, gateway.ledger.settled.length, gateway.liveCalls.size]).toEqual(before);
  });

  test('takes health for granted where it is told to', async () => {
    const { plan, candidates } = await explain('chain', { assume: { dead: AssumedHealth.DOWN } });
    expect(plan.map(({ target }) => target)).toEqual(['spare']);
    expect(candidates[0]?.rejections).toMatchObject([{ code: RejectionCode.EJECTED_UNTIL, relaxed: false }]);
    const all = await explain('chain', { assume: { dead: AssumedHealth.DOWN, spare: AssumedHealth.DOWN } });
    expect(all.plan).toHaveLength(2);
    expect(all.notes).toEqual(['EJECTED_UNTIL is relaxed: it would leave no target']);
  });

  test('says why a call would be refused', async () => {
    const explained = await explain('chain', { gateway: { routing: { ignore: ['dead', 'sim'] } } });
    expect(explained).toMatchObject({ plan: [], refusal: ErrorReason.NO_ELIGIBLE_TARGET });
  });

  test('tries a draft, which stays a draft', async () => {
    const draftYaml =
      'routes:\n  - {name: chain, targets: [{route: ranked}]}\n  - {name: new, targets: [{route: short}]}';
    const circle = await explain('chain', { draftYaml }).catch(ConnectError.from);
    expect(circle).toMatchObject({ code: Code.InvalidArgument });
    expect(String(circle)).toContain(
      'draft:2:30 routes[0].targets[0].route: leads in a circle: chain -> ranked -> chain',
    );
    const fresh = await explain('new', { draftYaml: draftYaml.replace(/\n.*chain.*\n/, '\n') });
    expect(fresh).toMatchObject({ route: 'new', configRevision: '' });
    expect(fresh.plan).toHaveLength(3);
    await expect(explain('new')).rejects.toMatchObject({ code: Code.NotFound });
  });

  test.each([
    ['providers: [{name: a}]', 'providers: is not for drafts'],
    ['routes: [{name: r, targets: [{provider: nobody, model: m}]}]', 'no provider is named "nobody"'],
    ['routes: [{name: r, when: "nope", targets: [{provider: sim, model: m}]}]', 'reads nope'],
    ['routes: {', 'draft:1'],
  ])('refuses the draft %s', async (draftYaml, told) => {
    const error = await explain('chain', { draftYaml }).catch(ConnectError.from);
    expect(String(error)).toContain(told);
  });

  test('predicts each draw by its seed', async () => {
    const firsts = new Set<string>();
    for (let call = 0; call < 30; call += 1) {
      const { attempts, seed } = await decisionOf('drawn');
      if (seed === undefined) throw new Error('nothing was drawn');
      const { plan } = await explain('drawn', { seed });
      expect(plan[0]?.target).toBe(attempts[0]?.target);
      firsts.add(attempts[0]?.target ?? '');
    }
    expect(firsts.size).toBe(3);
  });

  test('predicts what live calls then do, with the seed that they had', async () => {
    const anyCall = fc.record({
      customer: fc.constantFrom('', 'acme'),
      session: fc.constantFrom('', 's1', 's2', 's3'),
      tier: fc.constantFrom('', 'free'),
      ignore: fc.subarray(['best', 'dead']),
      order: fc.subarray(['last/spare', 'good']),
    });
    const property = fc.asyncProperty(anyCall, async ({ customer, session, tier, ignore, order }) => {
      const metadata = { customer, session, labels: { tier } };
      const controls = { routing: { ignore, order }, includeCandidates: true };
      const live = await decisionOf('ranked', { metadata, gateway: controls });
      const seed = live.seed === undefined ? {} : { seed: live.seed };
      const told = await explain('ranked', { metadata, gateway: controls, ...seed });
      const attempted = live.attempts.map(({ target }) => target);
      expect(told.plan.slice(0, attempted.length).map(({ target }) => target)).toEqual(attempted);
      expect(told.rule).toBe(live.rule);
      expect(told.candidates.map(({ probability }) => probability)).toEqual(
        live.candidates.map(({ probability }) => probability),
      );
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
