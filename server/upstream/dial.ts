import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Address, type Destination, hostnameOf, type Resolve, resolveChecked } from './egress-guard.ts';

/** Where the connections of one pool go. */
export interface DialTarget extends Destination {
  readonly resolve: Resolve;
  /** Certificate authorities in PEM, instead of the system's. */
  readonly ca: string | undefined;
  /** The last TLS session, which saves the next connection a round trip. */
  session: Buffer | undefined;
}

/** Called once, unless the dial is cancelled before. */
export type DialDone = (...result: [null, Socket] | [Error, null]) => void;

export interface Dial {
  /** Closes the socket, connected or not; done is not called any more. */
  cancel(): void;
}

/** How long a connection is silent before TCP asks whether the other side is still there. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** Opens a TCP or TLS connection through the egress guard. It knows no timeout: cancel it. */
export function dial(target: DialTarget, done: DialDone): Dial {
  let socket: Socket | undefined;
  let over = false;
  const finish: DialDone = (...result) => {
    if (over) return;
    over = true;
    done(...result);
  };
  resolveChecked(target, target.resolve).then(
    (addresses) => {
      if (!over) socket = open(target, addresses, finish);
    },
    (error: Error) => finish(error, null),
  );
  return {
    cancel() {
      over = true;
      socket?.destroy();
    },
  };
}

function open(target: DialTarget, addresses: readonly Address[], finish: DialDone): Socket {
  const secure = target.url.protocol === 'https:';
  const host = hostnameOf(target.url);
  const port = Number(target.url.port || (secure ? 443 : 80));
  // Node tries the addresses one after another, IPv6 and IPv4 in turns; it gets none that was not checked.
  const goal = { host, port, lookup: answerWith(addresses) };
  const socket = secure ? openTls(target, goal) : connectTcp(goal);
  socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  // The listeners stay: an error on a cancelled socket that nobody listened to would end the process.
  socket.on('error', (error) => finish(error, null));
  socket.on('close', () => finish(new Error('The connection closed before it was ready.'), null));
  return socket.once(secure ? 'secureConnect' : 'connect', () => finish(null, socket));
}

function openTls(target: DialTarget, goal: { host: string; port: number; lookup: LookupFunction }): Socket {
  const socket = connectTls({
    ...goal,
    // The certificate has to be the host's, whatever address was chosen. An address is no server name (RFC 6066).
    ...(isIP(goal.host) === 0 && { servername: goal.host }),
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...(target.ca !== undefined && { ca: target.ca }),
    ...(target.session !== undefined && { session: target.session }),
  });
  return socket.on('session', (session) => {
    target.session = session;
  });
}

function answerWith(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}
