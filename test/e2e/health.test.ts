import { Code, type ConnectError, createClient, createContextValues, createHandlerContext } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { describe, expect, it } from 'vitest';
import { Health, HealthCheckResponse_ServingStatus as Status } from '../../gen/grpc/health/v1/health_pb.ts';
import { createReadiness, type Readiness } from '../../server/core/readiness.ts';
import { healthService } from '../../server/rpc/health-service.ts';
import { startGateway } from '../support/gateway.ts';

const TRANSPORTS = {
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
  'gRPC-Web': (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
  Connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1' }),
};

async function startHealth(transport: keyof typeof TRANSPORTS = 'gRPC') {
  const gateway = await startGateway();
  return { gateway, client: createClient(Health, TRANSPORTS[transport](gateway.url)) };
}

async function next<T>(iterator: AsyncIterator<T>): Promise<T> {
  const { value, done } = await iterator.next();
  if (done === true) throw new Error('the stream ended');
  return value;
}

const NAMES = ['', 'sluice.v1.ChatService', 'sluice.v1.ModelService', 'grpc.health.v1.Health'];

describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])('health over %s', (transport) => {
  it.each(NAMES)('Check tells of "%s" without a key', async (service) => {
    const { client, gateway } = await startHealth(transport);
    expect((await client.check({ service })).status).toBe(Status.SERVING);
    gateway.app.readiness.ready = false;
    expect((await client.check({ service })).status).toBe(Status.NOT_SERVING);
  });

  it('Check does not know a service that there is not', async () => {
    const { client } = await startHealth(transport);
    await expect(client.check({ service: 'sluice.v1.Nothing' })).rejects.toMatchObject({ code: Code.NotFound });
  });

  it('Watch tells the state at once and then every change of it', async () => {
    const { client, gateway } = await startHealth(transport);
    const watch = client.watch({ service: 'sluice.v1.ChatService' })[Symbol.asyncIterator]();
    expect((await next(watch)).status).toBe(Status.SERVING);
    gateway.app.readiness.ready = false;
    expect((await next(watch)).status).toBe(Status.NOT_SERVING);
    gateway.app.readiness.ready = true;
    expect((await next(watch)).status).toBe(Status.SERVING);
  });

  it('Watch tells that it does not know a service, and goes on', async () => {
    const { client, gateway } = await startHealth(transport);
    const watch = client.watch({ service: 'sluice.v1.Nothing' })[Symbol.asyncIterator]();
    expect((await next(watch)).status).toBe(Status.SERVICE_UNKNOWN);
    const after = watch.next().then(
      () => 'a message',
      (error: ConnectError) => error.code,
    );
    gateway.app.readiness.ready = false;
    void gateway.app.port.drain();
    expect(await after).toBe(Code.Unavailable);
  });
});

describe('health', () => {
  it('List tells of every service', async () => {
    const { client } = await startHealth();
    const { statuses } = await client.list({});
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(NAMES));
    expect(new Set(Object.values(statuses).map(({ status }) => status))).toEqual(new Set([Status.SERVING]));
  });

  it('a watcher does not hold up the end of the server', async () => {
    const { client, gateway } = await startHealth();
    const watch = client.watch({})[Symbol.asyncIterator]();
    await next(watch);
    gateway.app.readiness.ready = false;
    const drained = gateway.app.port.drain();
    expect((await next(watch)).status).toBe(Status.NOT_SERVING);
    await expect(watch.next()).rejects.toMatchObject({ code: Code.Unavailable });
    await drained;
  });
});

/** A readiness that knows how many listen to it. */
function countedReadiness(): { readonly readiness: Readiness; listeners(): number } {
  const readiness = createReadiness();
  let count = 0;
  const { subscribe } = readiness;
  readiness.subscribe = (onChange) => {
    const unsubscribe = subscribe(onChange);
    count += 1;
    return () => {
      count -= 1;
      unsubscribe();
    };
  };
  return { readiness, listeners: () => count };
}

describe('a watcher that goes away', () => {
  it.each(['', 'nobody.knows.It'])('leaves no listener behind: "%s"', async (service) => {
    const { readiness, listeners } = countedReadiness();
    const gone = new AbortController();
    const { watch } = healthService({ readiness, services: [], draining: new AbortController().signal });
    const context = createHandlerContext({
      service: Health,
      method: Health.method.watch,
      protocolName: 'test',
      requestMethod: 'POST',
      url: 'http://test/',
      requestSignal: gone.signal,
      contextValues: createContextValues(),
    });
    const request = { $typeName: 'grpc.health.v1.HealthCheckRequest' as const, service };
    const stream = watch(request, context)[Symbol.asyncIterator]();
    await stream.next();
    const more = stream.next();
    await Promise.resolve();
    expect(listeners()).toBe(1);
    gone.abort();
    await expect(more).rejects.toThrow();
    expect(listeners()).toBe(0);
  });
});
