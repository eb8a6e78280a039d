import { gzipSync } from 'node:zlib';
import { type BrokenAnswer, streamed } from './broken-answer.ts';
import { joined, said } from './cuts.ts';
import { type Dialect, dataEvent, isBinary, namedEvent, type Piece, STREAMS, WHOLES } from './streams.ts';

// What comes instead of a stream: pages, answers in one piece, nothing; other types, other encodings, endless events.

const PAGE = Buffer.from('<!doctype html><title>502</title><h1>502 Bad Gateway</h1>');

type Instead = Omit<Partial<BrokenAnswer>, 'dialect'> & Pick<BrokenAnswer, 'name' | 'body'>;

function instead(dialect: Dialect): readonly Instead[] {
  const nothing = Buffer.alloc(0);
  const whole = Buffer.from(JSON.stringify(WHOLES[dialect]));
  const json = { 'content-type': 'application/json' };
  return [
    { name: 'an empty body', body: nothing },
    { name: 'an empty body, cut', body: nothing, ending: 'cut' },
    { name: 'an empty body, reset', body: nothing, ending: 'reset' },
    { name: 'an empty body of JSON', body: nothing, headers: json },
    { name: 'no content', body: nothing, status: 204 },
    { name: 'a page', body: PAGE, headers: { 'content-type': 'text/html; charset=utf-8' } },
    { name: 'a page that is called a stream', body: PAGE },
    { name: 'a page with 502', body: PAGE, status: 502, headers: { 'content-type': 'text/html' } },
    { name: 'another place', body: nothing, status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    { name: 'an answer in one piece', body: whole, headers: json },
    { name: 'an answer in one piece that is called a stream', body: whole },
    { name: 'an error in one piece', body: Buffer.from('{"error":{"message":"boom"}}'), headers: json },
    { name: 'a refusal', body: Buffer.from('{"error":{"message":"Overloaded"}}'), status: 529, headers: json },
  ];
}

/** Good streams under other names, in other encodings. */
function renamed(dialect: Dialect): readonly BrokenAnswer[] {
  const body = joined(STREAMS[dialect]);
  const type = streamed({ dialect, name: '', outcome: 'error' }).headers;
  const packed = gzipSync(body);
  const gzip = { ...type, 'content-encoding': 'gzip' };
  return [
    streamed({ dialect, name: 'called JSON', body, headers: { 'content-type': 'application/json' }, outcome: 'error' }),
    streamed({ dialect, name: 'called a page', body, headers: { 'content-type': 'text/html' }, outcome: 'error' }),
    streamed({ dialect, name: 'without a type', body, headers: {}, ...said(STREAMS[dialect]) }),
    streamed({ dialect, name: 'packed', body: packed, headers: gzip, ...said(STREAMS[dialect]) }),
    streamed({ dialect, name: 'called packed', body, headers: gzip, outcome: 'error' }),
    streamed({ dialect, name: 'packed, all cut', body: packed.subarray(0, 8), headers: gzip, outcome: 'error' }),
  ];
}

/** Streams that lack something, and those of server-sent events that only look alive. */
function lacking(dialect: Dialect): readonly BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  const only = (...words: readonly Piece['says'][]) => joined(pieces.filter(({ says }) => words.includes(says)));
  const without = (...words: readonly Piece['says'][]) => pieces.filter(({ says }) => !words.includes(says));
  const events: readonly [string, string][] = isBinary(dialect)
    ? []
    : [
        ['only comments', ': hello\n\n: hello\n\n'],
        ['only line ends', '\n\n\r\n\r\n'],
        ['only names of events', 'event: message_start\n\nevent: message_stop\n\n'],
        ['data without data', 'data\n\ndata:\n\n'],
      ];
  const reasonless = pieces.some(({ says }) => says === 'reason')
    ? [
        streamed({
          dialect,
          name: 'no finish reason',
          body: joined(without('reason')),
          ...said(pieces),
          outcome: 'error',
          reasoned: false,
        }),
        streamed({ dialect, name: 'only the terminal marker', body: only('end'), outcome: 'error' }),
      ]
    : [];
  return [
    ...events.map(([name, text]) => streamed({ dialect, name, body: Buffer.from(text), outcome: 'error' })),
    ...reasonless,
  ];
}

/** What only one format can lack. */
const OWN: Readonly<Partial<Record<Dialect, readonly (readonly [name: string, text: string])[]>>> = {
  'openai-chat': [
    ['an answer without choices', `${dataEvent({ id: 'c1', choices: [] })}data: [DONE]\n\n`],
    ['an end in another word', `${dataEvent({ id: 'c1', choices: [] })}data: DONE\n\n`],
  ],
  'openai-responses': [
    ['a completed answer without output', namedEvent({ type: 'response.completed', response: { output: [] } })],
    ['[DONE] alone', 'data: [DONE]\n\n'],
  ],
  'anthropic-messages': [['a message_delta without a reason', bareAnthropic()]],
  gemini: [
    ['an error that is no event', '{"error":{"code":500,"message":"boom","status":"INTERNAL"}}\n'],
    ['[DONE] alone', 'data: [DONE]\n\n'],
    ['no candidate', dataEvent({ usageMetadata: { promptTokenCount: 7 }, modelVersion: 'm' })],
  ],
  cohere: [['an end without a reason', namedEvent({ type: 'message-end', delta: {} })]],
};

function bareAnthropic(): string {
  return [
    { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] } },
    { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ]
    .map(namedEvent)
    .join('');
}

/** Longer than any event may be. */
const HUGE_BYTES = 9 * 1024 * 1024;

function endless(dialect: Dialect): readonly BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  const content = pieces.findIndex(({ says }) => says === 'content');
  const event = isBinary(dialect) ? Buffer.from([0x7f, 0, 0, 0]) : 'data: "';
  return [0, content + 1].map((at) => {
    const before = pieces.slice(0, at);
    const body = joined(before, event, Buffer.alloc(HUGE_BYTES, 'x'));
    const name = `an event without end ${at === 0 ? 'at once' : 'after the first words'}`;
    return streamed({ dialect, name, body, ...said(before), huge: true });
  });
}

export function badBodies(dialect: Dialect): readonly BrokenAnswer[] {
  return [
    ...instead(dialect).map((one) => streamed({ outcome: 'error', dialect, ...one })),
    ...renamed(dialect),
    ...lacking(dialect),
    ...(OWN[dialect] ?? []).map(([name, text]) =>
      streamed({ dialect, name, body: Buffer.from(text), outcome: 'error' }),
    ),
    ...endless(dialect),
  ];
}
