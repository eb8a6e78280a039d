import net from 'node:net';
import { afterEach } from 'vitest';

// No test needs the network. A connection to anything but this machine is refused, and the test that tried it fails
// even where the code under test swallowed the refusal. Child processes are not covered.

const refused: string[] = [];
const connect = net.Socket.prototype.connect;

/** Hides the overloads: Node itself also calls connect with its arguments already put into one array. */
type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket;

const guarded: Connect = function (...args) {
  const host = hostOf(args);
  if (host === undefined || isLoopback(host)) return Reflect.apply(connect, this, args);
  refused.push(host);
  process.nextTick(() => this.destroy(new Error(`Tests may not connect to ${host}: only this machine is allowed`)));
  return this;
};
net.Socket.prototype.connect = guarded as typeof connect;

afterEach(() => {
  const hosts = refused.splice(0);
  if (hosts.length > 0)
    throw new Error(`The test tried to connect to ${hosts.join(', ')}; no test may use the network`);
});

/** The host of the arguments of connect; undefined for a path or where none is given, which means this machine. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: string; path?: string };
    return path === undefined || path === null ? host : undefined;
  }
  return typeof second === 'string' ? second : undefined;
}

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '');
  return address === 'localhost' || address === '::1' || (net.isIPv4(address) && address.startsWith('127.'));
}
