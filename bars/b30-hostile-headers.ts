import http from 'node:http';
import { allRight, type Bar, exactly, holds } from './support/finding.ts';
import { type Gateway, KEY, startGateway } from './support/gateway.ts';
import { FLAG, FRAME, frame, headerBlock, openRawSession } from './support/h2-frames.ts';
import { type Provider, startProvider } from './support/provider.ts';
import { http2Status, raw, statusOf } from './support/raw.ts';
import { within } from './support/time.ts';

// B30: headers that are too long, too many or malformed are refused, never cut; a flood of CONTINUATION frames ends its
// connection; of a caller's headers none reaches a provider, and no text of a caller becomes a header.
// Seeded bugs: more headers than the bound are dropped; longer ones are taken.

type Case = { readonly name: string; readonly wrong: string | undefined };

const many = (count: number): string => Array.from({ length: count }, (_unused, at) => `x-h-${at}: 1\r\n`).join('');

/** What the gateway sends to providers, and nothing else. */
const ALLOWED = ['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'user-agent'];

/** [name, what follows the request line and the host, statuses that are right] */
const MALFORMED: readonly (readonly [string, string, readonly number[]])[] = [
  ['a header of 17 KB', `x: ${'a'.repeat(17 * 1024)}\r\n\r\n`, [431]],
  [
    '17 KB of headers',
    `${Array.from({ length: 17 }, (_u, at) => `x${at}: ${'a'.repeat(1000)}\r\n`).join('')}\r\n`,
    [431],
  ],
  ['101 headers', `${many(101)}\r\n`, [400, 431]],
  ['2,500 headers', `${many(2500).replaceAll('x-h-', '')}\r\n`, [400, 431]],
  ['both lengths', 'content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
  ['chunked twice over', 'transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n', [400, 501]],
  ['an unknown coding', 'transfer-encoding: xchunked\r\n\r\n0\r\n\r\n', [400, 501]],
  ['two lengths', 'content-length: 3\r\ncontent-length: 4\r\n\r\nabcd', [400]],
  ['a list of lengths', 'content-length: 3, 3\r\n\r\nabc', [400]],
  ['a length with a sign', 'content-length: +3\r\n\r\nabc', [400]],
  ['a chunk of negative size', 'transfer-encoding: chunked\r\n\r\n-1\r\n\r\n', [400]],
  ['a folded line', 'x: a\r\n b\r\n\r\n', [400]],
  ['a folded first line', ' x: a\r\n\r\n', [400]],
  ['a bare line feed', 'x: a\nb: c\r\n\r\n', [400]],
  ['a bare carriage return', 'x: a\rb: c\r\n\r\n', [400]],
  ['a NUL', 'x: a\u0000b\r\n\r\n', [400]],
  ['space before the colon', 'x : a\r\n\r\n', [400]],
  ['no name', ': a\r\n\r\n', [400]],
];

async function overHttp1({ port }: Gateway): Promise<Case[]> {
  const cases: Case[] = [];
  for (const [name, tail, allowed] of MALFORMED) {
    // Answered with 200 where nobody objects.
    const text = `GET /healthz HTTP/1.1\r\nhost: x\r\n${tail}`;
    const status = statusOf(await raw(port, text));
    cases.push({ name, wrong: allowed.includes(status) ? undefined : `status ${status}` });
  }
  return cases;
}

async function overHttp2({ port }: Gateway): Promise<Case[]> {
  const path = { ':path': '/healthz', ':authority': 'x' };
  const tooMany = Object.fromEntries(Array.from({ length: 150 }, (_unused, at) => [`x-h-${at}`, '1']));
  const long = await http2Status(port, { ...path, x: 'a'.repeat(17 * 1024) });
  const count = await http2Status(port, { ...path, ...tooMany });
  const fine = await http2Status(port, path);
  return [
    { name: 'a header of 17 KB over HTTP/2', wrong: [0, 431].includes(long) ? undefined : `status ${long}` },
    { name: '150 headers over HTTP/2', wrong: [0, 400, 431].includes(count) ? undefined : `status ${count}` },
    { name: 'decent headers over HTTP/2', wrong: fine === 200 ? undefined : `status ${fine}` },
    { name: 'a flood of CONTINUATION frames', wrong: await continuationFlood(port) },
  ];
}

/** A header block without end, 1,000 frames of 1 KB (VU#421644). Undefined where the connection was ended. */
async function continuationFlood(port: number): Promise<string | undefined> {
  const session = openRawSession(port);
  const start = headerBlock({ ':method': 'GET', ':scheme': 'http', ':path': '/healthz', ':authority': 'x' });
  session.write(frame({ type: FRAME.headers, flags: FLAG.endStream, stream: 1, payload: start }));
  const more = headerBlock(Object.fromEntries(Array.from({ length: 10 }, (_u, at) => [`x-${at}`, 'a'.repeat(100)])));
  for (let at = 0; at < 1000 && !session.closed; at += 1) {
    session.write(frame({ type: FRAME.continuation, stream: 1, payload: more }));
  }
  await within(session.caughtUp(), 2000, false);
  const ended = session.closed || session.goneAway;
  session.destroy();
  return ended ? undefined : 'the connection lives on';
}

/** What reaches the provider of a call that carries all kinds of headers and hostile texts; the names that should not. */
async function leaks(gateway: Gateway, provider: Provider): Promise<Case[]> {
  const model = 'p/echo\r\nx-evil: 1\u0000é';
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = http.request(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        cookie: 'session=1',
        'x-forwarded-for': '10.0.0.1',
        'x-evil': '1',
        'x-sim-fault': 'status',
        'openai-organization': 'org',
        'proxy-authorization': 'Basic eDp5',
        te: 'trailers',
        traceparent: '00-1-1-00',
        'user-agent': 'evil/1',
        'accept-language': 'xx',
        'x-sluice-metadata': '{"user":"a\\r\\nx-evil: 2","x\\r\\nx-evil":"3"}',
      },
    });
    request.once('response', resolve).once('error', reject);
    request.end(JSON.stringify({ model, user: 'a\r\nx-evil: 4', messages: [{ role: 'user', content: 'Hello' }] }));
  });
  response.resume();
  const seen = await within(provider.request(model.slice(2)), 2000, undefined);
  const extra = Object.keys(seen?.headers ?? {}).filter((name) => !ALLOWED.includes(name));
  const texts = JSON.stringify(seen?.headers ?? {});
  return [
    {
      name: 'the call reaches the provider',
      wrong: response.statusCode === 200 && seen ? undefined : `${response.statusCode}`,
    },
    { name: 'headers upstream', wrong: extra.length === 0 ? undefined : extra.join(' ') },
    { name: 'values upstream', wrong: /evil|sk-sluice/.test(texts) ? texts : undefined },
    { name: 'headers of the answer', wrong: response.headers['x-evil'] === undefined ? undefined : 'x-evil' },
  ];
}

export const hostileHeaders: Bar = async () => {
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  const http1 = await overHttp1(gateway);
  const http2 = await overHttp2(gateway);
  const early = provider.seen.length;
  const passed = await leaks(gateway, provider);
  const healthy = gateway.alive && (await fetch(`${gateway.url}/healthz`)).status === 200;
  await gateway.close();
  await provider.close();
  return [
    allRight('hostile heads refused over HTTP/1.1', http1),
    allRight('over HTTP/2', http2),
    exactly('of them upstream', early, 0),
    allRight('checks of what goes upstream', passed),
    holds('the same process serves', healthy),
  ];
};
