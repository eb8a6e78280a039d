import { Code } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { ChatService } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Clock } from '../../../server/core/clock.ts';
import { CallView } from '../../../server/rpc/adapter/call-view.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { FakeExchange } from './fake-exchange.ts';

function setUp(timeoutMs?: number) {
  const exchange = new FakeExchange();
  const clock = createFakeClock();
  const start = { method: ChatService.method.chat, protocolName: 'grpc', contentType: 'application/grpc', timeoutMs };
  return { exchange, clock, view: new CallView(exchange, clock, start) };
}

describe('the signal of a call', () => {
  it('is aborted when the client goes away', () => {
    const { exchange, view } = setUp();
    const { signal } = view;
    expect(signal.aborted).toBe(false);
    exchange.leave();
    expect(signal.reason).toMatchObject({ code: Code.Canceled });
  });

  it('is aborted from the start where the client has gone before anybody asked', () => {
    const { exchange, view } = setUp();
    exchange.leave();
    expect(view.signal.reason).toMatchObject({ code: Code.Canceled });
  });

  it('is aborted when the deadline passes, counted from the start of the call', async () => {
    const { clock, view } = setUp(100);
    await clock.advance(60);
    const { signal } = view;
    expect(view.timeoutMs()).toBe(40);
    await clock.advance(39);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.reason).toMatchObject({ code: Code.DeadlineExceeded });
  });

  it('is not aborted by a timer that fires early: by then the deadline is told by the clock', () => {
    let now = 0;
    const due: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      monotonic: () => now,
      schedule(_milliseconds, callback) {
        due.push(callback);
        return { stop() {} };
      },
    };
    const method = ChatService.method.chat;
    const start = { method, protocolName: 'grpc', contentType: 'application/grpc', timeoutMs: 100 };
    const { signal } = new CallView(new FakeExchange(), clock, start);
    now = 99.6;
    due.shift()?.();
    expect(signal.aborted).toBe(false);
    now = 100;
    due.shift()?.();
    expect(signal.reason).toMatchObject({ code: Code.DeadlineExceeded });
  });

  it('is left alone once the call is over, and no timer stays', async () => {
    const { exchange, clock, view } = setUp(100);
    const { signal } = view;
    view.close();
    exchange.leave();
    await clock.advance(200);
    expect(signal.aborted).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('what a handler sees of a request', () => {
  it('is its headers without those of HTTP/2 itself, and its whole URL', () => {
    const { view } = setUp();
    expect([...view.requestHeader]).toEqual([['x-one', 'a']]);
    expect(view.url).toBe('http://localhost:1234/some.Service/Method?x=1');
  });

  it('has no deadline where the caller sets none', () => {
    expect(setUp().view.timeoutMs()).toBeUndefined();
  });

  it('carries the id that the answer tells', () => {
    const { view } = setUp();
    expect(view.responseHeader.get('x-request-id')).toBe(view.requestId);
  });
});
