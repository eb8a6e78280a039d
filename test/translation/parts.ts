import { CacheTtl, Role } from '../../gen/sluice/v1/content_pb.ts';
import { CHAT_DIALECTS } from '../../server/dialects/dialect.ts';
import { type Field, HELLO } from './fields.ts';

// Every kind of part, and each of its members, in the messages where callers put them.

const text = (value: string) => ({ kind: { case: 'text' as const, value: { text: value } } });
const data = (value: string, mediaType: string) => ({
  location: { case: 'data' as const, value: Buffer.from(value) },
  mediaType,
});
const PNG = data('\x89PNG marker-4321', 'image/png');
const PDF = data('%PDF-1 marker-4321', 'application/pdf');
const url = (value: string, mediaType = '') => ({ location: { case: 'url' as const, value }, mediaType });
const fileId = { location: { case: 'fileId' as const, value: 'file-4321' } };
const bytesOf = (source: { location: { value: Buffer } }) =>
  new RegExp(source.location.value.toString('base64').replaceAll(/[+/=]/g, '\\$&'));

const WORDS: ReadonlyMap<Role, string> = new Map(
  Object.entries(Role).map(([word, role]): [Role, string] => [role, word.toLowerCase()]),
);

/** A part of the second message. */
const at = (role: Role, member: string, part: object, trace: RegExp): Field => ({
  path: `generation.messages[1].parts[0].${member}`,
  as: WORDS.get(role) ?? '',
  init: { messages: [HELLO, { role, parts: [part, text('beside')] }, HELLO] },
  trace,
});
const ofUser = (member: string, kind: object, trace: RegExp): Field => at(Role.USER, member, { kind }, trace);
const ofModel = (member: string, kind: object, trace: RegExp, more: object = {}): Field =>
  at(Role.ASSISTANT, member, { kind, ...more }, trace);

const MEDIA: readonly Field[] = [
  ofUser('text', { case: 'text', value: { text: 'said-4321' } }, /said-4321/),
  ofUser('image', { case: 'image', value: { source: PNG } }, bytesOf(PNG)),
  ofUser('image', { case: 'image', value: { source: url('https://x.test/4321.png') } }, /4321\.png/),
  ofUser('image', { case: 'image', value: { source: url('s3://bucket/4321.png', 'image/png') } }, /4321\.png/),
  ofUser('image', { case: 'image', value: { source: fileId } }, /file-4321/),
  ofUser('image', { case: 'image', value: { source: data('marker', 'image/tiff') } }, bytesOf(data('marker', ''))),
  ofUser('image.detail', { case: 'image', value: { source: PNG, detail: 'low' } }, /"low"/),
  ofUser(
    'audio',
    { case: 'audio', value: { source: data('sound-4321', 'audio/wav') } },
    bytesOf(data('sound-4321', '')),
  ),
  ofUser(
    'audio',
    { case: 'audio', value: { source: data('sound-4321', ''), format: 'mp3' } },
    bytesOf(data('sound-4321', '')),
  ),
  ofUser('audio', { case: 'audio', value: { source: url('https://x.test/4321.wav') } }, /4321\.wav/),
  ofUser('audio', { case: 'audio', value: { id: 'audio-4321' } }, /audio-4321/),
  ofUser(
    'audio.transcript',
    { case: 'audio', value: { source: data('s', 'audio/wav'), transcript: 'words-4321' } },
    /words-4321/,
  ),
  ofUser('file', { case: 'file', value: { source: PDF } }, bytesOf(PDF)),
  ofUser('file', { case: 'file', value: { source: data('plain-4321', 'text/plain') } }, /plain-4321|cGxhaW4tNDMyMQ/),
  ofUser('file', { case: 'file', value: { source: url('https://x.test/4321.pdf') } }, /4321\.pdf/),
  ofUser('file', { case: 'file', value: { source: fileId } }, /file-4321/),
  ofUser(
    'file',
    { case: 'file', value: { source: data('\xff\xfe\x00', 'application/x-odd') } },
    bytesOf(data('\xff\xfe\x00', '')),
  ),
  ofUser('file.filename', { case: 'file', value: { source: PDF, filename: 'name-4321.pdf' } }, /name-4321/),
  ofUser('file.title', { case: 'file', value: { source: PDF, title: 'title-4321' } }, /title-4321/),
  ofUser('file.title', { case: 'file', value: { source: PDF, filename: 'a.pdf', title: 'title-4321' } }, /title-4321/),
  ofUser('file.filename', { case: 'file', value: { source: PDF, filename: 'name-4321.pdf', title: 'b' } }, /name-4321/),
  ofUser('file.context', { case: 'file', value: { source: PDF, context: 'context-4321' } }, /context-4321/),
  ofUser('file.citations', { case: 'file', value: { source: PDF, citations: true } }, /"citations":\{"enabled":true/),
];

const call = (value: object) => ({ case: 'toolCall' as const, value: { id: 'c1', name: 'weather', ...value } });
const json = (value: string) => ({ input: { case: 'argumentsJson' as const, value } });
const answered = (field: Field, result: object = {}): Field => {
  const kind = { case: 'toolResult', value: { callId: 'c1', name: 'weather', parts: [text('21')], ...result } };
  const { messages } = field.init as { messages: object[] };
  return { ...field, init: { messages: [...messages.slice(0, 2), { role: Role.TOOL, parts: [{ kind }] }, HELLO] } };
};
const CALLED = ofModel('tool_call', call(json('{}')), /weather/);
const ofResult = (member: string, value: object, trace: RegExp): Field => ({
  ...answered(CALLED, value),
  path: `generation.messages[2].parts[0].tool_result${member}`,
  as: 'tool',
  trace,
});

const CALLS: readonly Field[] = [
  answered(ofModel('tool_call.arguments_json', call(json('{"city":"Ulm-4321"}')), /Ulm-4321/)),
  answered(ofModel('tool_call.arguments_json', call(json('{"city":"Ulm-4321')), /Ulm-4321/)),
  answered(ofModel('tool_call.text', call({ input: { case: 'text', value: 'free-4321' } }), /free-4321/)),
  answered(ofModel('tool_call.type', call({ ...json('{}'), type: 'kind-4321' }), /kind-4321/)),
  answered(ofModel('signature', call(json('{}')), /c2ln-4321/, { signature: 'c2ln-4321' })),
  ofModel(
    'tool_call',
    call({ ...json('{"q":"ask-4321"}'), providerExecuted: true, type: 'web_search_call' }),
    /ask-4321/,
  ),
  ofResult('.parts[0]', { parts: [text('heat-4321')] }, /heat-4321/),
  ofResult('.parts[0]', { parts: [{ kind: { case: 'image', value: { source: PNG } } }] }, bytesOf(PNG)),
  ofResult(
    '.parts[0]',
    { parts: [{ kind: { case: 'file', value: { source: PDF, filename: 'a.pdf' } } }] },
    bytesOf(PDF),
  ),
  ofResult(
    '.parts[0]',
    { parts: [{ kind: { case: 'audio', value: { source: data('sound-4321', 'audio/wav') } } }] },
    bytesOf(data('sound-4321', '')),
  ),
  ofResult('.parts[0]', { parts: [{ kind: { case: 'refusal', value: { text: 'no-4321' } } }] }, /no-4321/),
  ofResult(
    '.parts[0].cache_control',
    { parts: [{ ...text('x'), cacheControl: { ttl: CacheTtl.CACHE_TTL_1H } }] },
    /"1h"/,
  ),
  ofResult('.is_error', { isError: true }, /"is_error":true|"status":"error"|"error":"21"/),
  ofResult('.type', { type: 'kind-4321' }, /kind-4321/),
  {
    ...ofResult('', { parts: [text('heat-4321')] }, /heat-4321/),
    path: 'generation.messages[1].parts[0].tool_result',
    as: 'without its call',
    init: {
      messages: [
        HELLO,
        {
          role: Role.TOOL,
          parts: [{ kind: { case: 'toolResult', value: { callId: 'gone', parts: [text('heat-4321')] } } }],
        },
      ],
    },
  },
];

const ORIGINS = ['', ...CHAT_DIALECTS, 'elsewhere'];
const annotated = (annotation: object) => ({ case: 'text', value: { text: 'said', annotations: [annotation] } });

const THOUGHTS: readonly Field[] = [
  ofModel('reasoning', { case: 'reasoning', value: { text: 'thought-4321' } }, /thought-4321/),
  ...ORIGINS.flatMap((origin) => [
    {
      ...ofModel('signature', { case: 'reasoning', value: { text: 't' } }, /c2ln-4321/, {
        signature: 'c2ln-4321',
        origin,
      }),
      as: `of ${origin}`,
    },
    {
      ...ofModel('reasoning.redacted_data', { case: 'reasoning', value: { redactedData: 'ZW5j4321' } }, /ZW5j4321/, {
        origin,
      }),
      as: `of ${origin}`,
    },
    {
      ...ofModel('item_id', { case: 'reasoning', value: { text: 't', redactedData: 'ZW5j' } }, /item-4321/, {
        itemId: 'item-4321',
        origin,
      }),
      as: `of ${origin}`,
    },
    {
      ...ofModel('item_id', { case: 'text', value: { text: 't' } }, /item-4321/, { itemId: 'item-4321', origin }),
      as: `of a text of ${origin}`,
    },
    {
      ...ofModel('signature', { case: 'text', value: { text: 't' } }, /c2ln-4321/, { signature: 'c2ln-4321', origin }),
      as: `of a text of ${origin}`,
    },
    {
      ...ofModel(
        'raw',
        { case: 'raw', value: { dialect: origin || 'x', json: '{"type":"text","text":"raw-4321"}' } },
        /raw-4321/,
      ),
      as: `of ${origin}`,
    },
  ]),
  ofModel('refusal', { case: 'refusal', value: { text: 'no-4321' } }, /no-4321/),
  ofModel(
    'text.annotations',
    annotated({ kind: { case: 'urlCitation', value: { url: 'https://x.test/4321', title: 't' } } }),
    /x\.test\/4321/,
  ),
  ofModel(
    'text.annotations',
    annotated({
      kind: { case: 'documentCitation', value: { fileId: 'doc-4321', title: 't', citedText: 'c', unit: 'char' } },
    }),
    /doc-4321/,
  ),
];

const PLACES: readonly Field[] = [
  ...[Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT].flatMap((role) => [
    at(role, 'text', text('said-4321'), /said-4321/),
    at(role, 'image', { kind: { case: 'image', value: { source: PNG } } }, bytesOf(PNG)),
    at(
      role,
      'audio',
      { kind: { case: 'audio', value: { source: data('sound-4321', 'audio/wav') } } },
      bytesOf(data('sound-4321', '')),
    ),
    at(role, 'file', { kind: { case: 'file', value: { source: PDF } } }, bytesOf(PDF)),
    at(role, 'reasoning', { kind: { case: 'reasoning', value: { text: 'thought-4321' } } }, /thought-4321/),
    at(role, 'refusal', { kind: { case: 'refusal', value: { text: 'no-4321' } } }, /no-4321/),
    at(role, 'cache_control', { ...text('x'), cacheControl: { ttl: CacheTtl.CACHE_TTL_1H } }, /"1h"/),
    at(role, 'cache_control.ttl', { ...text('x'), cacheControl: { ttl: CacheTtl.CACHE_TTL_24H } }, /"24h"/),
  ]),
  { path: 'generation.messages[0].name', init: { messages: [{ ...HELLO, name: 'ann-4321' }] }, trace: /ann-4321/ },
  {
    path: 'generation.messages[0].parts[0].text',
    as: 'first instructions',
    init: { messages: [{ role: Role.SYSTEM, parts: [text('rule-4321')] }, HELLO] },
    trace: /rule-4321/,
  },
  {
    path: 'generation.messages[0].parts[0].cache_control',
    as: 'first instructions',
    init: {
      messages: [
        { role: Role.SYSTEM, parts: [{ ...text('rule'), cacheControl: { ttl: CacheTtl.CACHE_TTL_1H } }] },
        HELLO,
      ],
    },
    trace: /"1h"/,
  },
  {
    path: 'generation.messages[0].role',
    as: 'developer',
    init: { messages: [{ role: Role.DEVELOPER, parts: [text('rule')] }, HELLO] },
    trace: /"developer"/,
  },
];

export const PARTS: readonly Field[] = [...MEDIA, ...CALLS, ...THOUGHTS, ...PLACES];
