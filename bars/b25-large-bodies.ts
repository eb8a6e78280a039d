import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { allRight, atMost, type Bar, exactly, holds } from './support/finding.ts';
import { KEY, startGateway, watchRss } from './support/gateway.ts';
import { startProvider } from './support/provider.ts';
import { raw, statusOf } from './support/raw.ts';
import { connect, enveloped } from './support/reader.ts';
import { sleep } from './support/time.ts';

// B25: bodies over the limit, lengths that lie, compressed bombs and bodies without end get 413 or RESOURCE_EXHAUSTED (or
// 400 where HTTP itself is broken). The gateway's memory grows by two limits at most, and nothing goes upstream.
// Seeded bugs: RPC messages have no bound when they are decompressed; REST bodies have none.

const MIB = 2 ** 20;
/** The limit when this bar was set; the gateway's own may be changed, and then this bar must be looked at. */
const LIMIT_BYTES = 32 * MIB;
const REST = '/v1/chat/completions';
const UNARY = '/sluice.v1.ChatService/Chat';
const CHUNK = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, ' '), Buffer.from('\r\n')]);
const BOMB_BYTES = 100 * MIB;

type Case = { readonly name: string; readonly wrong: string | undefined };

const head = (path: string, lines: readonly string[]): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n${lines.join('\r\n')}\r\n\r\n`;

function check(name: string, got: string | number, wanted: readonly (string | number)[]): Case {
  return { name, wrong: wanted.includes(got) ? undefined : `${got}` };
}

/** Sends chunks until it is told to stop, at most so many bytes, and resolves with what came back. */
function endless(port: number, path: string, type: string, bytes: number): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    let sent = 0;
    const socket = net.connect(port, '127.0.0.1');
    socket.write(head(path, [`content-type: ${type}`, 'transfer-encoding: chunked']));
    const pump = (): void => {
      while (sent < bytes && !socket.destroyed) {
        sent += CHUNK.length;
        if (!socket.write(CHUNK)) return;
      }
      if (sent >= bytes) socket.end();
    };
    socket.on('drain', pump);
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
    socket.setTimeout(15_000, () => socket.destroy());
    pump();
  });
}

/** The Connect code of a unary answer, or its status where it has none. */
async function connectCode(url: string, body: Uint8Array<ArrayBuffer>, encoding: Record<string, string>) {
  const response = await fetch(url + UNARY, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...encoding },
    body,
  });
  const text = await response.text();
  return /"code":"(\w+)"/.exec(text)?.[1] ?? String(response.status);
}

/** A ChatRequest {generation {messages {parts {} parts {} …}}} in Protobuf, two bytes for each part. */
function manyParts(count: number): Buffer<ArrayBuffer> {
  const parts = Buffer.alloc(2 * count, Buffer.from([0x12, 0x00]));
  const message = Buffer.concat([Buffer.from([0x12]), varint(parts.length), parts]);
  return Buffer.concat([Buffer.from([0x0a]), varint(message.length), message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** The status of gRPC, from the trailers. */
function grpcStatus(port: number, message: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const session = connect(port);
    const stream = session.request({
      ':method': 'POST',
      ':path': UNARY,
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/grpc+json',
      'grpc-encoding': 'gzip',
      te: 'trailers',
    });
    const seen = (headers: { readonly [name: string]: unknown }): void => {
      if (headers['grpc-status'] === undefined) return;
      session.destroy();
      resolve(String(headers['grpc-status']));
    };
    stream.on('response', seen);
    stream.on('trailers', seen);
    stream.on('error', () => {});
    stream.on('close', () => resolve('closed'));
    stream.resume();
    stream.end(message);
  });
}

export const largeBodies: Bar = async ({ short }) => {
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  const { port, url } = gateway;
  const bomb = gzipSync(Buffer.alloc(BOMB_BYTES, ' '), { level: 9 });
  const over = Buffer.alloc(LIMIT_BYTES + 1, ' ');
  const total = (short ? 100 : 1024) * MIB;
  const json = 'content-type: application/json';
  await connectCode(url, Buffer.from('{}'), {});
  await sleep(500);
  const memory = watchRss(gateway);
  const cases: Case[] = [
    check(
      'REST, length over the limit',
      statusOf(await raw(port, head(REST, [json, `content-length: ${over.length}`]))),
      [413],
    ),
    check(
      'REST, length of 1 EB',
      statusOf(await raw(port, head(REST, [json, 'content-length: 1000000000000000000']))),
      [413],
    ),
    check('REST, length not a number', statusOf(await raw(port, head(REST, [json, 'content-length: 1x']))), [400]),
    check(
      'REST, more than its length',
      statusOf(await raw(port, `${head(REST, [json, 'content-length: 2'])}{}{}{}{}{}`)),
      [400],
    ),
    check(
      'REST, less than its length',
      statusOf(await raw(port, `${head(REST, [json, 'content-length: 9'])}{}`)),
      [0, 400, 408],
    ),
    check(`REST, ${total / MIB} MB in chunks`, statusOf(await endless(port, REST, 'application/json', total)), [413]),
    check(
      'REST, gzip bomb',
      statusOf(
        await raw(
          port,
          Buffer.concat([
            Buffer.from(head(REST, [json, 'content-encoding: gzip', `content-length: ${bomb.length}`])),
            bomb,
          ]),
        ),
      ),
      [400, 413, 415],
    ),
    check('Connect, over the limit', await connectCode(url, over, {}), ['resource_exhausted']),
    check(
      `Connect, ${total / MIB} MB in chunks`,
      /"code":"(\w+)"/.exec(await endless(port, UNARY, 'application/json', total))?.[1] ?? 'none',
      ['resource_exhausted'],
    ),
    check('Connect, gzip bomb', await connectCode(url, bomb, { 'content-encoding': 'gzip' }), ['resource_exhausted']),
    check(
      'Connect, 15 million empty parts',
      await connectCode(url, manyParts(15_000_000), { 'content-type': 'application/proto' }),
      ['resource_exhausted'],
    ),
    check('gRPC, gzip bomb', await grpcStatus(port, enveloped(bomb, 1)), ['8']),
    check(
      'gRPC, length of 4 GB',
      await grpcStatus(port, Buffer.concat([Buffer.from([0, 255, 255, 255, 255]), Buffer.alloc(64)])),
      ['8'],
    ),
  ];
  const growth = memory.stop();
  const { openCalls, liveCalls } = await gateway.vitals();
  const healthy = gateway.alive && (await fetch(`${url}/healthz`)).status === 200;
  const calls = provider.seen.length;
  await gateway.close();
  await provider.close();
  return [
    allRight('oversized bodies refused', cases),
    atMost('RSS growth', growth, (2 * LIMIT_BYTES) / MIB, 'MB'),
    exactly('calls upstream', calls, 0),
    exactly('calls open', openCalls + liveCalls, 0),
    holds('the same process serves', healthy),
  ];
};
