import { gzipSync } from 'node:zlib';
import { type BrokenAnswer, type Ending, unary } from './broken-answer.ts';
import { type Dialect, STREAMS, WHOLES } from './streams.ts';

// Answers in one piece that are cut or are something else.

const CUTS = [0.02, 0.25, 0.5, 0.75, 0.98] as const;
const ENDINGS: readonly Ending[] = ['clean', 'cut', 'reset'];

/** What each format's answer cannot be without. */
const LACKING: Readonly<Record<Dialect, readonly (readonly [name: string, json: object])[]>> = {
  'openai-chat': [
    ['no choices', { id: 'c1', object: 'chat.completion', model: 'm' }],
    ['an empty list of choices', { id: 'c1', choices: [] }],
    ['choices that are no array', { id: 'c1', choices: {} }],
    ['choices of null', { id: 'c1', choices: [null] }],
  ],
  'openai-responses': [
    ['a failure', { id: 'resp_1', status: 'failed', error: { code: 'server_error', message: 'boom' }, output: [] }],
    ['no output', { id: 'resp_1', object: 'response', status: 'completed', output: [] }],
  ],
  'anthropic-messages': [
    ['an error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ['another type', { type: 'completion', completion: 'x' }],
  ],
  gemini: [
    ['no candidates', { modelVersion: 'm', usageMetadata: { promptTokenCount: 7 } }],
    ['an empty list of candidates', { candidates: [] }],
    ['candidates that are no array', { candidates: {} }],
  ],
  'bedrock-converse': [['no output', { stopReason: 'end_turn' }]],
  cohere: [['no message', { id: 'a1', finish_reason: 'COMPLETE' }]],
};

const ERRORS: readonly (readonly [name: string, json: unknown])[] = [
  ['an error object', { error: { message: 'boom', type: 'server_error', code: 500, status: 'INTERNAL' } }],
  ['null', null],
  ['an array', []],
  ['a text', 'boom'],
  ['an empty object', {}],
];

export function unaryAnswers(dialect: Dialect): readonly BrokenAnswer[] {
  const whole = Buffer.from(JSON.stringify(WHOLES[dialect]));
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const of = (name: string, body: Buffer, more: Partial<BrokenAnswer> = {}): BrokenAnswer =>
    unary({ dialect, name: `unary: ${name}`, body, outcome: 'error', ...more });
  const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const character = whole.indexOf('🌊') + 2;
  return [
    ...CUTS.flatMap((share) =>
      ENDINGS.map((ending) =>
        of(`${ending} after ${share * 100} %`, whole.subarray(0, Math.ceil(whole.length * share)), { ending }),
      ),
    ),
    of('cut within a character', whole.subarray(0, character)),
    of('a connection cut after the whole body', whole, { ending: 'cut' }),
    of('an empty body', Buffer.alloc(0)),
    of('an empty body, reset', Buffer.alloc(0), { ending: 'reset' }),
    of('a page', Buffer.from('<h1>502</h1>'), { headers: { 'content-type': 'text/html' } }),
    of('a page that is called JSON', Buffer.from('<h1>502</h1>')),
    of('a stream', Buffer.concat(STREAMS[dialect].map(({ bytes }) => bytes))),
    of('two answers', Buffer.concat([whole, whole])),
    of('called packed', whole, { headers: gzip }),
    of('packed and cut', gzipSync(whole).subarray(0, 20), { headers: gzip }),
    of('packed', gzipSync(whole), { headers: gzip, outcome: 'whole' }),
    of('called a page', whole, { headers: { 'content-type': 'text/html' }, outcome: 'whole' }),
    ...ERRORS.map(([name, value]) => of(name, json(value))),
    ...LACKING[dialect].map(([name, value]) => of(name, json(value))),
  ];
}
