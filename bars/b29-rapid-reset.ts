import { atMost, type Bar, exactly, holds } from './support/finding.ts';
import { KEY, startGateway, watchRss } from './support/gateway.ts';
import { calmWeather, startGoodTraffic } from './support/good-traffic.ts';
import { FLAG, FRAME, frame, headerBlock, openRawSession } from './support/h2-frames.ts';
import { startProvider } from './support/provider.ts';
import { restBody } from './support/reader.ts';
import { sleep, times } from './support/time.ts';

// B29: 20 connections open whole, authorised streams and reset each in the same breath (CVE-2023-44487), until they are
// cut, and come again each second, with 20,000 streams in all. Each connection is cut before 2,000 resets, 1 % of the
// streams reach the provider at most, and others are served as before.
// Seeded bug: resets are not counted.

const CONNECTIONS = 20;
const MOST_RESETS = 2000;
const BATCH = 50;
const MARGIN_MS = 20;
const CANCEL = Buffer.from([0, 0, 0, 8]);

const BODY = Buffer.from(restBody('p/silent-reset'));
const HEADERS = headerBlock({
  ':method': 'POST',
  ':scheme': 'http',
  ':path': '/v1/chat/completions',
  ':authority': 'x',
  authorization: `Bearer ${KEY}`,
  'content-type': 'application/json',
});

function openedAndReset(stream: number): Buffer {
  return Buffer.concat([
    frame({ type: FRAME.headers, flags: FLAG.endHeaders, stream, payload: HEADERS }),
    frame({ type: FRAME.data, flags: FLAG.endStream, stream, payload: BODY }),
    frame({ type: FRAME.rst, stream, payload: CANCEL }),
  ]);
}

/** Made before, so that the attacker's own work does not keep the good traffic of this process waiting. */
const BATCHES = times(MOST_RESETS / BATCH + 1, (batch) =>
  Buffer.concat(times(BATCH, (at) => openedAndReset(2 * (batch * BATCH + at) + 1))),
);

/** How many streams were opened and reset before the connection was cut; more than the bound where it was not. */
async function attack(port: number): Promise<number> {
  const session = openRawSession(port);
  let resets = 0;
  for (const batch of BATCHES) {
    resets += BATCH;
    session.write(batch);
    if (!(await session.caughtUp()) || session.goneAway) break;
  }
  session.destroy();
  return resets;
}

export const rapidReset: Bar = async ({ short }) => {
  const rounds = short ? 2 : 10;
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  const calm = await calmWeather(gateway.port, 'p/any', short ? 1500 : 5000);
  const memory = watchRss(gateway);
  const traffic = startGoodTraffic(gateway.port, 'p/any');
  const resets: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round > 0) await sleep(1000);
    resets.push(...(await Promise.all(times(short ? CONNECTIONS / 4 : CONNECTIONS, () => attack(gateway.port)))));
  }
  const strained = await traffic.stop();
  const growth = memory.stop();
  const { openCalls, liveCalls } = await gateway.vitals();
  const reached = provider.seen.filter(({ model }) => model === 'silent-reset').length;
  const total = resets.reduce((sum, one) => sum + one, 0);
  await gateway.close();
  await provider.close();
  return [
    atMost(`${total} resets, connections cut after`, Math.max(...resets), MOST_RESETS),
    atMost('reached upstream', (reached / total) * 100, 1, '%'),
    atMost('RSS growth', growth, 64, 'MB'),
    atMost('good traffic p99', strained.p99Ms, 2 * calm.p99Ms + MARGIN_MS, 'ms'),
    holds(`${strained.errors} of ${strained.requests} failed`, strained.errors === 0),
    exactly('calls open', openCalls + liveCalls, 0),
  ];
};
