import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { Code, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { describe, expect, it } from 'vitest';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { LIMITS } from '../../server/listener/limits.ts';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

const MIB = 1024 * 1024;
const TOO_LARGE = LIMITS.bodyBytes + MIB;
const BLOCK = Buffer.alloc(64 * 1024, ' ');
const PROBE = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';

function head(path: string, ...headers: readonly string[]): string {
  return [`POST ${path} HTTP/1.1`, 'host: x', `authorization: Bearer ${TEST_KEY}`, ...headers, '', ''].join('\r\n');
}

const REST_HEAD = head('/v1/chat/completions', 'content-type: application/json', `content-length: ${TOO_LARGE}`);
const RPC_HEAD = head('/sluice.v1.ChatService/Chat', 'content-type: application/proto', `content-length: ${TOO_LARGE}`);

/** A bare connection that keeps what comes. It is never read less or written more than a test says. */
class Wire {
  readonly socket: net.Socket;
  got = '';
  failure: Error | undefined;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.got += data.toString('latin1');
    });
    socket.on('error', (error) => {
      this.failure = error;
    });
  }

  static async open(port: number): Promise<Wire> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Wire(socket);
  }

  /** Resolves at the next event of that name, or at the end of the connection. */
  private next(event: 'data' | 'drain'): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off(event, done).off('close', done);
        resolve();
      };
      this.socket.on(event, done).on('close', done);
    });
  }

  /** Resolves once a text has come. Fails where the connection ends without it. */
  async answer(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.got)) {
      if (this.socket.closed) throw new Error(`ended after "${this.got.slice(-200)}"`, { cause: this.failure });
      await this.next('data');
    }
  }

  /** Sends so many bytes of spaces, as fast as they are taken. Gives back how many were taken. */
  async send(bytes: number): Promise<number> {
    for (let sent = 0; sent < bytes; sent += BLOCK.length) {
      if (!this.socket.writable) return sent;
      const taken = this.socket.write(BLOCK.subarray(0, bytes - sent));
      if (!taken) await this.next('drain');
    }
    return bytes;
  }
}

const DOORS = [
  ['REST', REST_HEAD, /^HTTP\/1\.1 413 [\s\S]*request_too_large/i],
  ['Connect', RPC_HEAD, /^HTTP\/1\.1 429 [\s\S]*resource_exhausted/],
] as const;

describe.each(DOORS)('a body that is too large, over HTTP/1.1 and %s', (_name, request, refusal) => {
  it('is refused while it is still being sent', async () => {
    const { port } = await startGateway();
    const wire = await Wire.open(port);
    wire.socket.write(request);
    await wire.send(MIB);
    await wire.answer(refusal);
    wire.socket.destroy();
  });

  it('is refused in words that reach a client which sends all before it reads', async () => {
    const { port } = await startGateway();
    const wire = await Wire.open(port);
    wire.socket.pause();
    wire.socket.write(request);
    expect(await wire.send(TOO_LARGE)).toBe(TOO_LARGE);
    wire.socket.resume();
    await wire.answer(refusal);
    expect(wire.failure).toBeUndefined();
  });

  it('harms no other connection', async () => {
    const { port } = await startGateway();
    const [wire, other] = [await Wire.open(port), await Wire.open(port)];
    wire.socket.write(request);
    await wire.answer(refusal);
    other.socket.write(PROBE);
    await other.answer(/^HTTP\/1\.1 200 /);
    wire.socket.destroy();
  });

  it('is not read for ever', async () => {
    const { port } = await startGateway();
    const wire = await Wire.open(port);
    wire.socket.write(request.replace(String(TOO_LARGE), String(1024 * MIB)));
    await wire.answer(refusal);
    expect(await wire.send(1024 * MIB)).toBeLessThan(1024 * MIB);
  });
});

describe('a connection of HTTP/1.1 goes on', () => {
  it.each([
    ['a message that is too large', RPC_HEAD, TOO_LARGE, /^HTTP\/1\.1 429 /],
    ['a wrong key', REST_HEAD.replace(TEST_KEY, 'wrong').replace(`${TOO_LARGE}`, `${MIB}`), MIB, /^HTTP\/1\.1 401 /],
    ['an unknown path', REST_HEAD.replace('/v1/', '/v7/').replace(`${TOO_LARGE}`, `${MIB}`), MIB, /^HTTP\/1\.1 404 /],
  ])('after %s', async (_name, request, bytes, refusal) => {
    const { port } = await startGateway();
    const wire = await Wire.open(port);
    wire.socket.write(request);
    await wire.answer(refusal);
    await wire.send(bytes);
    wire.got = '';
    wire.socket.write(PROBE);
    await wire.answer(/^HTTP\/1\.1 200 /);
  });

  it('after a stream of chunks that is too large, ended in order', async () => {
    const { port } = await startGateway();
    const wire = await Wire.open(port);
    wire.socket.write(head('/v1/chat/completions', 'content-type: application/json', 'transfer-encoding: chunked'));
    wire.socket.write(`${TOO_LARGE.toString(16)}\r\n`);
    await wire.send(TOO_LARGE);
    wire.socket.write('\r\n0\r\n\r\n');
    await wire.answer(/^HTTP\/1\.1 413 /);
    expect(wire.failure).toBeUndefined();
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly rstCode: number;
}

/** Sends a body without an end, until the stream is over. */
async function overHttp2(session: http2.ClientHttp2Session, path: string, type: string): Promise<Answer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': type,
    authorization: `Bearer ${TEST_KEY}`,
  });
  let status: number | undefined;
  let body = '';
  stream.on('response', (headers) => {
    status = headers[':status'];
  });
  stream.on('data', (data) => {
    body += data;
  });
  const more = (): void => {
    while (!stream.destroyed && stream.write(BLOCK));
  };
  stream.on('drain', more);
  // What is under way when the server has had enough.
  stream.on('error', () => {});
  more();
  await once(stream, 'close');
  return { status, body, rstCode: stream.rstCode ?? -1 };
}

describe('over HTTP/2', () => {
  it.each([
    ['REST', '/v1/chat/completions', 'application/json', { status: 413, body: /too_large/i }],
    ['Connect', '/sluice.v1.ChatService/Chat', 'application/proto', { status: 429, body: /resource_exhausted/ }],
  ] as const)(
    '%s refuses a body while it is sent, asks to stop, and serves on',
    async (_name, path, type, expected) => {
      const { url } = await startGateway();
      const session = http2.connect(url);
      const refused = await overHttp2(session, path, type);
      expect(refused.status).toBe(expected.status);
      expect(refused.body).toMatch(expected.body);
      expect(refused.rstCode).toBe(http2.constants.NGHTTP2_NO_ERROR);
      const probe = session.request({ ':path': '/healthz' });
      const [headers] = await once(probe, 'response');
      expect(headers[':status']).toBe(200);
      session.close();
    },
  );
});

/** In MB. Node's default of 10 lets its HTTP/2 client refuse any answer while it has more than that to send. */
const nodeOptions = { maxSessionMemory: 200 };

const TRANSPORTS = {
  'Connect, HTTP/1.1': (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1' }),
  'Connect, HTTP/2': (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '2', nodeOptions }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl, nodeOptions }),
  'gRPC-Web': (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
};

const key = { headers: { authorization: `Bearer ${TEST_KEY}` } };

describe.each(Object.entries(TRANSPORTS))('a client over %s', (_name, transport) => {
  it('is told of a message that is too large, once and streamed, and can go on', async () => {
    const { url } = await startGateway();
    const client = createClient(ChatService, transport(url));
    const generation = { model: 'm', providerOptionsJson: { x: 'a'.repeat(TOO_LARGE) } };
    await expect(client.chat({ generation }, key)).rejects.toMatchObject({ code: Code.ResourceExhausted });
    await expect(client.chat({}, key)).rejects.toMatchObject({ code: Code.InvalidArgument });
    const stream = Array.fromAsync(client.streamChat({ generation }, key));
    await expect(stream).rejects.toMatchObject({ code: Code.ResourceExhausted });
    await expect(client.chat({}, key)).rejects.toMatchObject({ code: Code.InvalidArgument });
  });
});
