import { allRight, atMost, type Bar, exactly } from './support/finding.ts';
import { startGateway } from './support/gateway.ts';
import { startProvider } from './support/provider.ts';
import { DOORS, type Door, openReader } from './support/reader.ts';
import { comesTrue, percentile, sleep, times, within } from './support/time.ts';

// B19: clients vanish 1,000 times, before the provider's headers and after the first content, over each door; the
// provider sees its connection close within 200 ms, and no socket to it is left.
// Seeded bugs: a client that goes away does not end its call; an aborted exchange does not close its connection.

const MODELS = { 'before headers': 'silent', 'after content': 'word' } as const;
const POINTS = ['before headers', 'after content'] as const;
const AT_ONCE = 10;

export const abort: Bar = async ({ short }) => {
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  const lags: number[] = [];
  const missed: { name: string; wrong: string }[] = [];
  const vanish = async (round: number): Promise<void> => {
    const door: Door = DOORS[round % DOORS.length] ?? 'REST H1';
    const point = POINTS[Math.floor(round / DOORS.length) % 2] ?? 'before headers';
    const model = `${MODELS[point]}-${round}`;
    const reader = openReader({ port: gateway.port, door, model: `p/${model}` });
    const request = await within(provider.request(model), 5000, undefined);
    if (point === 'after content') await within(reader.begun, 5000, undefined);
    const gone = performance.now();
    reader.cut();
    const over = request && (await within(request.over, 2000, undefined));
    if (over === undefined) missed.push({ name: `${door} ${point}`, wrong: 'the provider saw no close in 2 s' });
    else lags.push(over - gone);
  };
  const rounds = short ? 120 : 1000;
  for (let round = 0; round < rounds && missed.length < AT_ONCE; round += AT_ONCE) {
    await Promise.all(times(AT_ONCE, (lane) => vanish(round + lane)));
  }
  await comesTrue(async () => (await gateway.look()).openCalls === 0, 2000);
  await sleep(100);
  const { openCalls, liveCalls } = await gateway.vitals();
  const sockets = provider.openSockets;
  await gateway.close();
  await provider.close();
  return [
    atMost(`${lags.length} aborts, upstream sees close p99`, percentile(lags, 0.99), 200, 'ms'),
    ...(missed.length > 0 ? [allRight('aborts', missed)] : []),
    exactly('sockets left', sockets, 0),
    exactly('calls open', openCalls + liveCalls, 0),
  ];
};
