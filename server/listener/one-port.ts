import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { countConnections } from './connection-count.ts';
import { limitPatience } from './http2-patience.ts';
import { LIMITS } from './limits.ts';
import { letGoOfUnreadBody } from './unread-body.ts';

/** Certificate and key, PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export type RequestListener = (
  request: http.IncomingMessage | http2.Http2ServerRequest,
  response: http.ServerResponse | http2.Http2ServerResponse,
) => void;

/** One listening port for HTTP/1.1 and HTTP/2. */
export interface OnePort {
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Stops accepting, closes idle connections, lets requests under way end. Resolves when all connections are gone. */
  drain(): Promise<void>;
  /** Aborted when drain is called: calls that wait for something to happen end then. */
  readonly draining: AbortSignal;
  /** Closes connections without a request under way. */
  closeIdle(): void;
  /** Cuts what is left. */
  destroy(): void;
  /** Sockets open now. */
  readonly connections: number;
}

/** How a client that speaks HTTP/2 without TLS begins: "PRI * HTTP/2.0" (RFC 9113, section 3.4). */
const PREFACE_START = Buffer.from('PRI');

const TLS_OPTIONS: tls.TlsOptions = {
  ALPNProtocols: ['h2', 'http/1.1'],
  minVersion: 'TLSv1.2',
  handshakeTimeout: LIMITS.headersTimeoutMs,
};

/**
 * Tells HTTP/1.1 from HTTP/2 by the first bytes of a connection, or by ALPN where there is a certificate, and hands the
 * socket to a server of that protocol. Both have the same listener.
 */
export function createOnePort(handle: RequestListener, tlsFiles?: TlsFiles): OnePort {
  const listener: RequestListener = (request, response) => {
    letGoOfUnreadBody(request, response);
    handle(request, response);
  };
  const http1 = createHttp1(listener);
  const { server: h2, sessions } = createHttp2(listener);
  const draining = new AbortController();
  const connections = countConnections(LIMITS.connectionsPerAddress);
  const closeIdle = (): void => {
    http1.closeIdleConnections();
    // Says GOAWAY; the session ends with its last stream.
    for (const session of sessions.keys()) session.close();
  };
  const server =
    tlsFiles === undefined
      ? net.createServer({ noDelay: true }, (socket) => {
          if (!socket.destroyed) sniff(socket, (isHttp2) => (isHttp2 ? h2 : http1).emit('connection', socket));
        })
      : tls.createServer({ ...tlsFiles, ...TLS_OPTIONS }, (socket) => {
          socket.on('error', () => socket.destroy());
          (socket.alpnProtocol === 'h2' ? h2 : http1).emit('connection', socket);
        });
  // Before the listeners above: what is refused here is never looked at.
  server.prependListener('connection', (socket: Socket) => connections.admit(socket));
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve(server.address() as AddressInfo);
        });
      }),
    drain: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        draining.abort();
        closeIdle();
      }),
    draining: draining.signal,
    closeIdle,
    destroy: () => connections.destroy(),
    get connections() {
      return connections.size;
    },
  };
}

function createHttp1(listener: RequestListener): http.Server {
  const server = http.createServer(
    {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersTimeoutMs,
      requestTimeout: LIMITS.requestTimeoutMs,
      keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
      connectionsCheckingInterval: 1000,
      noDelay: true,
    },
    listener,
  );
  server.maxHeadersCount = LIMITS.headerCount;
  // The checks of headersTimeout run only in a server that listens; this one is fed with sockets instead.
  server.emit('listening');
  return server;
}

function createHttp2(listener: RequestListener): {
  readonly server: http2.Http2Server;
  readonly sessions: ReadonlyMap<http2.Http2Session, unknown>;
} {
  const sessions = new Map<http2.Http2Session, (stream: http2.ServerHttp2Stream) => void>();
  // Makes requests and responses of streams; it listens nowhere.
  const requests = http2.createServer(listener);
  const server = http2.createServer({
    settings: { maxConcurrentStreams: LIMITS.streamsPerConnection, maxHeaderListSize: LIMITS.headerBytes },
    maxHeaderListPairs: LIMITS.headerCount,
    streamResetBurst: LIMITS.resetBurst,
    streamResetRate: LIMITS.resetsPerSecond,
  });
  // What came in the same breath is read first: a stream that is opened only to be reset costs next to nothing.
  server.on('stream', (stream: http2.ServerHttp2Stream, ...headers) => {
    stream.on('error', ignore);
    setImmediate(() => {
      const { session } = stream;
      if (stream.closed || stream.destroyed || session === undefined) return;
      sessions.get(session)?.(stream);
      requests.emit('stream', stream, ...headers);
      // A body without bytes has ended by now, before anybody could listen.
      if (stream.readableEnded) stream.emit('end');
    });
  });
  server.on('session', (session) => {
    sessions.set(session, limitPatience(session));
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  return { server, sessions };
}

/** A stream that breaks is told of by its close. */
function ignore(): void {}

/** Calls back once the first bytes tell the protocol; a connection that stays silent is closed. */
function sniff(socket: Socket, found: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), LIMITS.headersTimeoutMs);
  let seen: Buffer = Buffer.alloc(0);
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, PREFACE_START.length);
    const isPrefix = seen.subarray(0, length).equals(PREFACE_START.subarray(0, length));
    if (isPrefix && length < PREFACE_START.length) return;
    finish();
    socket.unshift(seen);
    found(isPrefix);
  };
  const finish = (): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable);
    socket.off('close', finish);
  };
  socket.on('readable', onReadable);
  socket.once('close', finish);
}
