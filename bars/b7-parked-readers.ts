import { atMost, type Bar, exactly, type Finding, note } from './support/finding.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { comesToRest, type Provider, startProvider } from './support/provider.ts';
import { connect, openReader, type Reader } from './support/reader.ts';
import { comesTrue, sleep, times, within } from './support/time.ts';

// B7: 1,000 readers of long answers stop reading, over HTTP/1.1 and HTTP/2, and then vanish. All calls are settled within
// 1 s, the provider's connections close, no call and no socket is left, and the heap is as it was.
// Seeded bug: a handler that waits for "drain" does not hear of "close".

const STREAMS_PER_SESSION = 20;

interface Scene {
  readonly gateway: Gateway;
  readonly providers: readonly Provider[];
}

/** Opens the readers, lets each read a little, parks them all and cuts them. */
async function park(
  { gateway, providers }: Scene,
  count: number,
): Promise<{ readonly begun: number; readonly cutAtMs: number }> {
  const { port } = gateway;
  const readers: Reader[] = [];
  const sessions = times(Math.ceil(count / 2 / STREAMS_PER_SESSION), () => connect(port));
  for (const session of sessions) session.once('connect', () => session.setLocalWindowSize(2 ** 24));
  for (let at = 0; at < count; at += 1) {
    // Two providers: a gateway keeps at most 512 connections to one.
    const model = `${at % 4 < 2 ? 'a' : 'b'}/flood`;
    const session = sessions[Math.floor(at / 2) % sessions.length];
    const isHttp2 = at % 2 === 1 && session !== undefined;
    const reader = isHttp2
      ? openReader({ port, door: 'REST H2', model, session })
      : openReader({ port, door: 'REST H1', model });
    void reader.begun.then(() => reader.pause()).catch(() => {});
    readers.push(reader);
  }
  const begun = await Promise.all(
    readers.map((reader) =>
      within(reader.begun, 30_000, 'late').then(
        (late) => late === undefined,
        () => false,
      ),
    ),
  );
  // At first all is busy filling the buffers that the system has on the way.
  await Promise.all(providers.map(comesToRest));
  const cutAtMs = Date.now();
  for (const reader of readers) reader.cut();
  for (const session of sessions) session.destroy();
  return { begun: begun.filter((one) => one).length, cutAtMs };
}

async function rest({ gateway, providers }: Scene): Promise<void> {
  await comesTrue(async () => {
    const { openCalls, liveCalls, connections } = await gateway.look();
    return openCalls + liveCalls + connections === 0 && providers.every((one) => one.openRequests === 0);
  }, 5000);
}

export const parkedReaders: Bar = async ({ short }) => {
  const count = short ? 100 : 1000;
  const providers = [await startProvider(), await startProvider()] as const;
  const gateway = await startGateway({ providers: { a: providers[0].url, b: providers[1].url } });
  const scene: Scene = { gateway, providers };
  // Twice before it counts: caches fill, code is compiled.
  for (let round = 0; round < (short ? 1 : 2); round += 1) {
    await park(scene, count);
    await rest(scene);
  }
  const before = await gateway.vitals();
  const { begun, cutAtMs } = await park(scene, count);
  await rest(scene);
  await sleep(200);
  const after = await gateway.vitals();
  const left = (of: (provider: Provider) => number): number => providers.reduce((sum, one) => sum + of(one), 0);
  const findings: Finding[] = [
    exactly('readers parked', begun, count),
    exactly('calls settled', after.settled - before.settled, count),
    atMost('the last', after.lastSettledAtMs - cutAtMs, 1000, 'ms after the cut'),
    exactly('handlers left', after.liveCalls, 0),
    exactly('calls open', after.openCalls, 0),
    exactly('client sockets left', after.connections, 0),
    exactly(
      'upstream requests left',
      left((one) => one.openRequests),
      0,
    ),
    exactly(
      'upstream sockets left',
      left((one) => one.openSockets),
      0,
    ),
    atMost('heap growth', (after.heapUsed - before.heapUsed) / 2 ** 20, 5, 'MB'),
    note('over REST on HTTP/1.1 and HTTP/2'),
  ];
  await gateway.close();
  await Promise.all(providers.map((one) => one.close()));
  return findings;
};
