import { allRight, atMost, type Bar, exactly, type Finding, note } from './support/finding.ts';
import { type Gateway, KEY, startGateway } from './support/gateway.ts';
import { type Provider, startProvider } from './support/provider.ts';
import { connectBody } from './support/reader.ts';
import { times } from './support/time.ts';

// B31: JSON that is deep, wide, ambiguous or not JSON. Each is refused, or what was authorised is what the provider gets;
// Object.prototype stays as it is; the event loop is not kept for more than 50 ms.
// Seeded bug: no bound on depth.

const STALL_MS = 50;
const MESSAGES = '"messages":[{"role":"user","content":"Hello"}]';
const DEPTH = 10_000;

interface Case {
  readonly name: string;
  readonly body: string;
  /** Refused with 400; or forwarded, and then as was authorised. */
  readonly may: 'be refused' | 'pass' | 'do either';
  /** What must hold of the body that the provider gets, parsed. */
  readonly forwarded?: (body: Readonly<Record<string, unknown>>, text: string) => boolean;
  /** JSON.parse and JSON.stringify alone take longer than the bound: its stall is told, not judged. */
  readonly huge?: boolean;
}

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
const keys = (count: number): string => times(count, (at) => `"k${at}":1`).join(',');

const CASES: readonly Case[] = [
  { name: 'arrays 10,000 deep', body: `{"model":"p/a",${MESSAGES},"x":${nested('[', ']', DEPTH)}}`, may: 'be refused' },
  {
    name: 'objects 10,000 deep',
    body: `{"model":"p/a",${MESSAGES},"x":${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}}`,
    may: 'be refused',
  },
  {
    name: 'arrays 1,000,000 deep',
    body: `{"model":"p/a","x":${nested('[', ']', 1_000_000)}}`,
    may: 'be refused',
    huge: true,
  },
  { name: '10,000 keys', body: `{"model":"p/a",${MESSAGES},"metadata":null,${keys(10_000)}}`, may: 'do either' },
  { name: '1,000,000 keys', body: `{"model":"p/a",${MESSAGES},${keys(1_000_000)}}`, may: 'do either', huge: true },
  {
    name: '1,000,000 keys in metadata',
    body: `{"model":"p/a",${MESSAGES},"metadata":{${keys(1_000_000)}}}`,
    may: 'be refused',
    huge: true,
  },
  {
    name: 'model twice',
    body: `{"model":"p/a",${MESSAGES},"model":"p/b"}`,
    may: 'do either',
    forwarded: (body, text) => body.model === 'b' && text.split('"model"').length === 2,
  },
  {
    name: 'model twice, once escaped',
    body: `{"model":"p/a",${MESSAGES},"mod\\u0065l":"p/b"}`,
    may: 'do either',
    forwarded: (body, text) => body.model === 'b' && text.split('"model"').length === 2,
  },
  {
    name: 'Model beside model',
    body: `{"model":"p/a","Model":"p/b","MODEL":"b",${MESSAGES}}`,
    may: 'do either',
    forwarded: (_body, text) => text.match(/"model"/gi)?.length === 1,
  },
  {
    name: 'Messages beside messages',
    body: `{"model":"p/a",${MESSAGES},"Messages":[{"role":"user","content":"other"}]}`,
    may: 'do either',
    forwarded: (_body, text) => text.match(/"messages"/gi)?.length === 1,
  },
  { name: 'only Model', body: `{"Model":"p/a",${MESSAGES}}`, may: 'be refused' },
  {
    name: '__proto__',
    body: `{"model":"p/a",${MESSAGES},"__proto__":{"polluted":1,"model":"p/b"}}`,
    may: 'do either',
    forwarded: (body) => body.model === 'a' && !('polluted' in body),
  },
  {
    name: 'constructor.prototype',
    body: `{"model":"p/a",${MESSAGES},"constructor":{"prototype":{"polluted":1}}}`,
    may: 'do either',
    forwarded: (body) => body.model === 'a',
  },
  {
    name: '__proto__ in a message',
    body: '{"model":"p/a","messages":[{"role":"user","content":"Hello","__proto__":{"role":"system"}}]}',
    may: 'do either',
    forwarded: (body) => JSON.stringify(body.messages).includes('"role":"user"'),
  },
  { name: 'model in __proto__ alone', body: `{"__proto__":{"model":"p/a"},${MESSAGES}}`, may: 'be refused' },
  {
    name: 'lone surrogates in a text',
    body: '{"model":"p/a","messages":[{"role":"user","content":"\\ud800 x \\udc00"}]}',
    may: 'do either',
    forwarded: (_body, text) => text.includes('\\ud800') || !text.includes('\ufffd'),
  },
  {
    name: 'a lone surrogate in the model',
    body: `{"model":"p/\\ud800",${MESSAGES}}`,
    may: 'do either',
    forwarded: (body) => body.model === '\ud800',
  },
  { name: 'a temperature of 1e400', body: `{"model":"p/a",${MESSAGES},"temperature":1e400}`, may: 'be refused' },
  {
    name: 'an unknown member of 1e400',
    body: `{"model":"p/a",${MESSAGES},"x":1e400}`,
    may: 'do either',
    forwarded: (_body, text) => text.includes('1e400'),
  },
  { name: 'max_tokens of 1e400', body: `{"model":"p/a",${MESSAGES},"max_tokens":1e400}`, may: 'be refused' },
  { name: 'NaN', body: `{"model":"p/a",${MESSAGES},"x":NaN}`, may: 'be refused' },
  { name: 'an array', body: '[]', may: 'be refused' },
  { name: 'two values', body: `{"model":"p/a",${MESSAGES}}{}`, may: 'be refused' },
];

interface Seen {
  readonly wrong: string | undefined;
  readonly stallMs: number;
}

async function put(gateway: Gateway, provider: Provider, one: Case): Promise<Seen> {
  await gateway.vitals();
  const before = provider.seen.length;
  const status = await send(gateway, '/v1/chat/completions', one.body);
  const { longestStallMs, polluted } = await gateway.vitals();
  const request = provider.seen[before];
  return {
    stallMs: longestStallMs,
    wrong: polluted.length > 0 ? `polluted: ${polluted}` : judge(one, status, request?.body),
  };
}

function judge(one: Case, status: number, forwarded: string | undefined): string | undefined {
  if (status >= 400 && status < 500 && forwarded === undefined && one.may !== 'pass') return undefined;
  if (status !== 200 || forwarded === undefined) return `status ${status}`;
  if (one.may === 'be refused') return 'it passed';
  return one.forwarded?.(JSON.parse(forwarded), forwarded) === false
    ? `forwarded as ${forwarded.slice(0, 300)}`
    : undefined;
}

/** The status, or 0 where there is none. */
async function send(gateway: Gateway, path: string, body: string): Promise<number> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  try {
    const response = await fetch(gateway.url + path, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** JSON of Protobuf's is its parser's: what it refuses and what it takes must be as clear. */
async function overConnect(gateway: Gateway, provider: Provider) {
  const good = connectBody('p/rpc');
  const within = (text: string): string => good.replace('{"model":', `{${text},"model":`);
  const bodies: readonly (readonly [string, string])[] = [
    ['a model twice', within('"model":"p/other"')],
    ['an unknown member 10,000 deep', good.replace(/\}$/, `,"x":${nested('[', ']', DEPTH)}}`)],
    ['__proto__', within('"__proto__":{"polluted":1}')],
    ['Model', within('"Model":"p/other"')],
    ['a lone surrogate', good.replace('Hello', '\\ud800')],
    ['a temperature of 1e400', within('"temperature":1e400')],
  ];
  const results = [];
  for (const [name, body] of bodies) {
    const before = provider.seen.length;
    const status = await send(gateway, '/sluice.v1.ChatService/Chat', body);
    const forwarded = provider.seen[before];
    const ok = forwarded === undefined ? status === 400 : status === 200 && forwarded.model === 'rpc';
    results.push({ name, wrong: ok ? undefined : `status ${status}, forwarded ${forwarded?.body ?? 'nothing'}` });
  }
  return results;
}

export const hostileJson: Bar = async ({ short }) => {
  const provider = await startProvider();
  const gateway = await startGateway({ providers: { p: provider.url } });
  // What is measured is the strain, not the compiler.
  for (let at = 0; at < 50; at += 1) await send(gateway, '/v1/chat/completions', `{"model":"p/a",${MESSAGES}}`);
  const results = [];
  const cases = CASES.filter(({ huge }) => !short || huge !== true);
  for (const one of cases) results.push({ ...one, ...(await put(gateway, provider, one)) });
  const rpc = await overConnect(gateway, provider);
  const stalls = results.filter(({ huge }) => huge !== true);
  const worst = stalls.toSorted((left, right) => right.stallMs - left.stallMs)[0];
  const findings: Finding[] = [
    allRight('bodies over REST', results),
    allRight('over Connect', rpc),
    exactly('names added to Object.prototype', (await gateway.vitals()).polluted.length, 0),
    atMost(`longest stall (${worst?.name})`, worst?.stallMs ?? Number.NaN, STALL_MS, 'ms'),
    ...results
      .filter(({ huge }) => huge === true)
      .map(({ name, body, stallMs }) =>
        note(`${name} stall ${Math.round(stallMs)} ms, of which JSON.parse alone ${parseTime(body)} ms here`),
      ),
  ];
  await gateway.close();
  await provider.close();
  return findings;
};

/** How long this process takes for the parsing alone. */
function parseTime(body: string): number {
  const begun = performance.now();
  try {
    JSON.parse(body);
  } catch {}
  return Math.round(performance.now() - begun);
}
