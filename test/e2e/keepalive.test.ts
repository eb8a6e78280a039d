import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { serverSentEvents } from '../../server/rest/stream-framing.ts';
import { createStreamResponse } from '../../server/rest/stream-response.ts';
import { createFakeClock } from '../support/fake-clock.ts';

it('a stream without a word for two minutes gets a comment every 15 seconds, and then its events', async () => {
  const clock = createFakeClock();
  const app = Fastify();
  app.get('/', async (_request, reply) => {
    const sse = createStreamResponse(reply, { clock, framing: serverSentEvents });
    await clock.advance(14_000);
    expect(sse.opened).toBe(false);
    await clock.advance(106_000);
    expect(sse.opened).toBe(true);
    await sse.write([{ event: '', data: 'first' }]);
    await clock.advance(14_000);
    await sse.write([{ event: '', data: 'second' }]);
    await clock.advance(14_000);
    sse.end();
    expect(clock.pending).toBe(0);
    return reply;
  });
  const { body } = await app.inject('/');
  expect(body.match(/: keepalive\n/g)).toHaveLength(8);
  expect(body).toMatch(/data: first\n\ndata: second\n\n$/);
});

it('a stream that fails before it is opened leaves the response to whoever answers', async () => {
  const clock = createFakeClock();
  const app = Fastify();
  app.get('/', async (_request, reply) => {
    createStreamResponse(reply, { clock, framing: serverSentEvents }).abandon();
    expect(clock.pending).toBe(0);
    return reply.code(503).send('no');
  });
  expect((await app.inject('/')).statusCode).toBe(503);
});
