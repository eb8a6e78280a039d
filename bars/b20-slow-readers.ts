import net from 'node:net';
import { atMost, type Bar, exactly, holds } from './support/finding.ts';
import { type Gateway, KEY, startGateway, watchRss } from './support/gateway.ts';
import { calmWeather, startGoodTraffic } from './support/good-traffic.ts';
import { comesToRest, FLOOD_BYTES, startProvider } from './support/provider.ts';
import { connectBody, enveloped, restBody } from './support/reader.ts';
import { sleep, times } from './support/time.ts';

// B20: 100 readers take 1 KB a second of answers of 40 MB (10 MB fit into the system's own buffers on the way). The gateway's memory grows by 64 MB at most, the provider
// sees that it must wait, and other callers hardly notice.
// Seeded bug: the stream is written without waiting for the client.

const READERS = 100;
/** On a machine with two cores a p99 of some milliseconds is mostly chance. */
const MARGIN_MS = 20;

function requestText(at: number): Buffer {
  const isRest = at % 2 === 0;
  const body = isRest ? Buffer.from(restBody('p/flood')) : enveloped(connectBody('p/flood'));
  const path = isRest ? '/v1/chat/completions' : '/sluice.v1.ChatService/StreamChat';
  const type = isRest ? 'application/json' : 'application/connect+json';
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: x',
    `authorization: Bearer ${KEY}`,
    `content-type: ${type}`,
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

async function readAll({ url }: Gateway): Promise<void> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: restBody('p/flood') });
  for await (const _chunk of response.body ?? []);
}

/** Takes a KB from the socket each second and leaves the rest to the system, which soon takes no more. */
function drip({ port }: Gateway, at: number): { readonly bytes: number; readonly open: boolean; stop(): void } {
  let bytes = 0;
  const socket = net.connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.alloc(1024),
      callback: (count) => {
        bytes += count;
        return false;
      },
    },
  });
  socket.on('error', () => {});
  socket.write(requestText(at));
  const timer = setInterval(() => socket.resume(), 1000);
  return {
    get bytes() {
      return bytes;
    },
    get open() {
      return !socket.destroyed;
    },
    stop() {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

export const slowReaders: Bar = async ({ short }) => {
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  const calm = await calmWeather(gateway.port, 'p/any', short ? 1500 : 5000);
  // What streaming takes by itself, however fast it is read, is no burden of slow readers.
  await Promise.all(times(short ? 10 : 20, () => readAll(gateway)));
  const memory = watchRss(gateway);
  const readers = times(READERS, (at) => drip(gateway, at));
  // At first all is busy filling the buffers that the system has on the way, some MB for each reader.
  await comesToRest(provider);
  const traffic = startGoodTraffic(gateway.port, 'p/any');
  await sleep(short ? 3000 : 20_000);
  const strained = await traffic.stop();
  const growth = memory.stop();
  const paused = provider.paused;
  const reading = readers.filter((reader) => reader.open && reader.bytes > 0 && reader.bytes < FLOOD_BYTES / 10).length;
  for (const reader of readers) reader.stop();
  await gateway.close();
  await provider.close();
  return [
    exactly('slow readers', reading, READERS),
    atMost('RSS growth', growth, 64, 'MB'),
    exactly('answers paused at the provider', paused, READERS),
    atMost('other traffic p99', strained.p99Ms, 2 * calm.p99Ms + MARGIN_MS, 'ms'),
    holds(`${strained.errors} of ${strained.requests} failed`, strained.errors === 0),
  ];
};
