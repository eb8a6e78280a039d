import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../server/rpc/adapter/outbox.ts';
import { settle } from '../../support/fake-clock.ts';
import { FakeExchange } from './fake-exchange.ts';

const message = (text: string) => ({ flags: 0, data: Buffer.from(text) });

function setUp() {
  const exchange = new FakeExchange();
  const headers = new Headers();
  return { exchange, headers, outbox: new Outbox(exchange, headers) };
}

describe('messages of a stream', () => {
  it('that are there at the same time go out in one write', async () => {
    const { exchange, outbox } = setUp();
    async function* made() {
      yield 'one';
      yield 'two';
    }
    for await (const text of made()) outbox.put(message(text));
    outbox.put(message('three'));
    await settle();
    outbox.put(message('four'));
    await settle();
    expect(exchange.pieces).toEqual(['begin ', '<3>one<3>two<5>three', '<4>four']);
  });

  it('do not wait for the end', async () => {
    const { exchange, outbox } = setUp();
    outbox.put(message('one'));
    await settle();
    expect(exchange.pieces).toContain('<3>one');
  });

  it('that still wait go out with the end, and the trailers after them', () => {
    const { exchange, outbox } = setUp();
    outbox.put(message('one'));
    outbox.end(new Headers({ 'grpc-status': '0' }));
    expect(exchange.pieces).toEqual(['begin ', '<3>one', 'end grpc-status,0']);
  });

  it('leave time for headers until the first goes out', async () => {
    const { exchange, headers, outbox } = setUp();
    outbox.put(message('one'));
    headers.set('x-late', '1');
    await settle();
    expect(exchange.pieces[0]).toBe('begin x-late,1');
  });

  it('wait for a slow reader', async () => {
    const { exchange, outbox } = setUp();
    exchange.quick = false;
    expect(outbox.put(message('one'))).toBe(false);
    await settle();
    expect(outbox.put(message('two'))).toBe(true);
    let room = false;
    const waiting = outbox.room().then(() => {
      room = true;
    });
    await settle();
    expect(room).toBe(false);
    exchange.quick = true;
    exchange.emit('drain');
    await waiting;
    expect(outbox.put(message('three'))).toBe(false);
  });
});

describe('an answer without messages', () => {
  it('has its head and its end', () => {
    const { exchange, outbox } = setUp();
    outbox.end();
    expect(exchange.pieces).toEqual(['begin ', 'end ']);
  });
});
