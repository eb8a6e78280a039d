import type http2 from 'node:http2';
import net from 'node:net';
import { connect } from './reader.ts';

/** Writes bytes to a socket and resolves with all that comes back until it closes or is silent for a second. */
export function raw(port: number, bytes: string | Buffer, silentMs = 1000): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let got = '';
    socket.setTimeout(silentMs, () => socket.destroy());
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}

/** The status of an answer over HTTP/1.1; 0 where there is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
}

/** The status of a GET over HTTP/2, or 0 where the stream or the connection was refused or closed. */
export function http2Status(port: number, headers: http2.OutgoingHttpHeaders): Promise<number> {
  return new Promise((resolve) => {
    const session = connect(port);
    const finish = (status: number): void => {
      session.destroy();
      resolve(status);
    };
    session.once('close', () => resolve(0));
    session.setTimeout(2000, () => finish(0));
    const stream = session.request(headers);
    stream.once('response', ({ ':status': status }) => finish(Number(status)));
    stream.once('error', () => finish(0));
    stream.once('close', () => finish(0));
  });
}
