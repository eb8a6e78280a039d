import { startSimulator } from '../server/simulator/simulator.ts';
import { allRight, atMost, type Bar, exactly, type Finding } from './support/finding.ts';
import { type Gateway, KEY, startGateway } from './support/gateway.ts';

// B21: a provider falls silent before its headers, after them, or after some pieces, on an answer in one piece and on a
// stream. The caller gets an error or another provider's answer within 250 ms of the timer; after the first content
// there is no other provider; every call is settled.
// Seeded bugs: no idle timer; no timer for the first content.

const TIMER_MS = 400;
const GRACE_MS = 250;
/** After this the case is lost: the caller would wait for ever. */
const GIVE_UP_MS = 4000;

/** How the first target falls silent, and which end is right without and with another target. */
interface Case {
  readonly name: string;
  readonly stream: boolean;
  readonly fault: string;
  /** What the caller gets where there is no other target. */
  readonly alone: 504 | 'error event';
}

const CASES: readonly Case[] = [
  { name: 'stream, before headers', stream: true, fault: 'fault=delay&ms=60000', alone: 504 },
  { name: 'stream, after headers', stream: true, fault: 'fault=silent-after-headers', alone: 504 },
  { name: 'stream, after piece 2', stream: true, fault: 'fault=stall&after=2', alone: 'error event' },
  { name: 'stream, after piece 5', stream: true, fault: 'fault=stall&after=5', alone: 'error event' },
  { name: 'whole, before headers', stream: false, fault: 'fault=delay&ms=60000', alone: 504 },
  { name: 'whole, after headers', stream: false, fault: 'fault=silent-after-headers', alone: 504 },
  { name: 'whole, amid the body', stream: false, fault: 'fault=stall&after=1', alone: 504 },
];

/** Each case has a route with the silent target alone and one with another target behind it. */
function routes(): string {
  const timers = `{ttft: ${TIMER_MS}ms, stream_idle: ${TIMER_MS}ms, per_try: ${TIMER_MS}ms}`;
  // A stream under way may last longer than one silence.
  const streamTimers = `{ttft: ${TIMER_MS}ms, stream_idle: ${TIMER_MS}ms}`;
  const rows = CASES.flatMap(({ stream, fault }, at) => {
    const silent = `{provider: p, model: "simulated-chat?output-tokens=20&${fault}"}`;
    const rest = `retry: {max_attempts_per_target: 1}, timeouts: ${stream ? streamTimers : timers}`;
    return [
      `  - {name: alone-${at}, targets: [${silent}], ${rest}}`,
      `  - {name: other-${at}, targets: [${silent}, {provider: p, model: other}], ${rest}}`,
    ];
  });
  return `routes:\n${rows.join('\n')}`;
}

interface Ending {
  readonly what: string;
  /** The model that the answer names. */
  readonly model: string | null;
  readonly lagMs: number;
}

async function call(gateway: Gateway, route: string, stream: boolean): Promise<Ending> {
  const begun = performance.now();
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: route, stream, messages: [{ role: 'user', content: 'Hello' }] }),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    const text = await response.text();
    const lagMs = performance.now() - begun - TIMER_MS;
    const model = response.headers.get('x-sluice-model');
    if (response.status !== 200) return { what: String(response.status), model, lagMs };
    if (text.includes('"error"'))
      return { what: text.includes('[DONE]') ? 'error and [DONE]' : 'error event', model, lagMs };
    return { what: 'answer', model, lagMs };
  } catch (thrown) {
    return { what: thrown instanceof Error ? thrown.name : 'nothing', model: null, lagMs: Number.POSITIVE_INFINITY };
  }
}

export const silence: Bar = async ({ short }) => {
  const simulator = await startSimulator();
  const gateway = await startGateway({ providers: { p: simulator.url }, yaml: routes() });
  const lags: number[] = [];
  const checks: { name: string; wrong: string | undefined }[] = [];
  // The first calls compile the code.
  await call(gateway, 'p/warm', true);
  await call(gateway, 'p/warm', false);
  for (let round = 0; round < (short ? 1 : 10); round += 1) {
    await Promise.all(
      CASES.flatMap(({ name, stream, alone }, at) =>
        (['alone', 'other'] as const).map(async (kind) => {
          const { what, model, lagMs } = await call(gateway, `${kind}-${at}`, stream);
          const wanted = kind === 'other' && alone === 504 ? 'answer' : String(alone);
          const wantedModel = wanted === 'answer' ? 'other' : model;
          const wrong =
            what === wanted && model === wantedModel ? undefined : `${what} of ${model} instead of ${wanted}`;
          checks.push({ name: `${name}, ${kind}`, wrong });
          if (Number.isFinite(lagMs)) lags.push(lagMs);
        }),
      ),
    );
  }
  const { openCalls, liveCalls, settled } = await gateway.vitals();
  const findings: Finding[] = [
    allRight('silences ended as they should', checks),
    atMost('the latest', Math.max(...lags), GRACE_MS, 'ms after its timer'),
    exactly('calls open', openCalls + liveCalls, 0),
    exactly('settled', settled, checks.length + 2),
  ];
  await gateway.close();
  await simulator.close();
  return findings;
};
