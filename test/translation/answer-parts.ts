import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ChatResponse,
  ChatResponseSchema,
  FinishReason,
  PartDeltaSchema,
  PartEndSchema,
  PartStartSchema,
  StreamFinishSchema,
  StreamStartSchema,
} from '../../gen/sluice/v1/chat_service_pb.ts';
import { type Part, PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import { CHAT_DIALECTS, type ChatEvent } from '../../server/dialects/dialect.ts';

type Init = MessageInitShape<typeof PartSchema>;
type Kind = NonNullable<Extract<Init, { $typeName?: never }>['kind']>;

/** A kind of part that an answer may hold, and something that can be found again in a body that shows it. */
export interface AnswerPart {
  readonly name: string;
  readonly part: Part;
  readonly trace: RegExp;
}

const bytes = new TextEncoder().encode('bytes-4321');
const encoded = new RegExp(bytes.toBase64());
const data = { location: { case: 'data' as const, value: bytes } };

function of(name: string, kind: Kind, trace: RegExp, more: object = {}): AnswerPart {
  return { name, part: create(PartSchema, { kind, ...more } as Init), trace };
}

const call = (more: object): Kind => ({
  case: 'toolCall',
  value: { id: 'call_1', name: 'weather', input: { case: 'argumentsJson', value: '{"city":"Ulm-4321"}' }, ...more },
});

/** A proof as it stands in a body, or in an envelope within one. */
const proof = (text: string): RegExp => {
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${text}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return new RegExp([text, ...inBase64.map((piece) => piece.replace(/[+]/g, '\\+'))].join('|'));
};

const ORIGINS = ['', ...CHAT_DIALECTS, 'elsewhere'];

export const ANSWER_PARTS: readonly AnswerPart[] = [
  of('text', { case: 'text', value: { text: 'said-4321' } }, /said-4321/),
  of('refusal', { case: 'refusal', value: { text: 'no-4321' } }, /no-4321/),
  of('thought', { case: 'reasoning', value: { text: 'thought-4321' } }, /thought-4321/),
  of('summary of thoughts', { case: 'reasoning', value: { text: 'thought-4321', summary: true } }, /thought-4321/),
  of('picture', { case: 'image', value: { source: { ...data, mediaType: 'image/png' } } }, encoded),
  of(
    'picture at an address',
    { case: 'image', value: { source: { location: { case: 'url', value: 'https://x.test/4321.png' } } } },
    /x\.test\/4321/,
  ),
  of(
    'uploaded picture',
    { case: 'image', value: { source: { location: { case: 'fileId', value: 'f-4321' } } } },
    /f-4321/,
  ),
  of('sound', { case: 'audio', value: { id: 'a', source: { ...data, mediaType: 'audio/wav' } } }, encoded),
  of('transcript', { case: 'audio', value: { id: 'a', transcript: 'heard-4321' } }, /heard-4321/),
  of('file', { case: 'file', value: { source: { ...data, mediaType: 'application/pdf' } } }, encoded),
  of('call', call({}), /Ulm-4321/),
  of('call in free text', call({ input: { case: 'text', value: 'free-4321' } }), /free-4321/),
  of('call with broken arguments', call({ input: { case: 'argumentsJson', value: '{"city":"Ulm-4321' } }), /Ulm-4321/),
  of('call that the provider ran', call({ providerExecuted: true, type: 'server_tool_use' }), /Ulm-4321/),
  of('call of another tool that the provider ran', call({ providerExecuted: true, type: 'code' }), /Ulm-4321/),
  of(
    'result of a tool of the provider',
    {
      case: 'toolResult',
      value: {
        callId: 'call_1',
        providerExecuted: true,
        type: 'web_search_tool_result',
        parts: [{ kind: { case: 'raw', value: { dialect: 'anthropic-messages', json: '[{"url":"found-4321"}]' } } }],
      },
    },
    /found-4321/,
  ),
  of(
    'result of a tool',
    { case: 'toolResult', value: { callId: 'c', parts: [{ kind: { case: 'text', value: { text: 'heat-4321' } } }] } },
    /heat-4321/,
  ),
  of(
    'text with a page cited',
    {
      case: 'text',
      value: { text: 'said', annotations: [{ kind: { case: 'urlCitation', value: { url: 'https://x.test/4321' } } }] },
    },
    /x\.test\/4321/,
  ),
  ...['char', 'page', 'block', 'chunk', ''].map((unit) =>
    of(
      `text with a document cited by ${unit}`,
      {
        case: 'text',
        value: {
          text: 'said',
          annotations: [{ kind: { case: 'documentCitation', value: { title: 'doc-4321', fileId: 'doc-4321', unit } } }],
        },
      },
      /doc-4321/,
    ),
  ),
  ...ORIGINS.flatMap((origin) => [
    of(`proof of thoughts of ${origin}`, { case: 'reasoning', value: { text: 't' } }, proof('c2ln-proof-4321-c2ln'), {
      signature: 'c2ln-proof-4321-c2ln',
      origin,
    }),
    of(
      `encrypted thoughts of ${origin}`,
      { case: 'reasoning', value: { redactedData: 'ZW5j-hidden-4321-ZW5j' } },
      proof('ZW5j-hidden-4321-ZW5j'),
      { origin },
    ),
    of(`proof of a text of ${origin}`, { case: 'text', value: { text: 't' } }, proof('c2ln-proof-4321-c2ln'), {
      signature: 'c2ln-proof-4321-c2ln',
      origin,
    }),
    of(
      `proof of a call of ${origin}`,
      call({ input: { case: 'argumentsJson', value: '{}' } }),
      proof('c2ln-proof-4321-c2ln'),
      // What this format signs calls with are members of their blocks.
      {
        signature: origin === 'anthropic-messages' ? '{"caller":"c2ln-proof-4321-c2ln"}' : 'c2ln-proof-4321-c2ln',
        origin,
      },
    ),
    of(
      `part that ${origin || 'nobody'} has alone`,
      { case: 'raw', value: { dialect: origin || 'x', json: '{"type":"odd","text":"raw-4321"}' } },
      /raw-4321/,
    ),
    of(
      `text with a citation that ${origin || 'nobody'} has alone`,
      {
        case: 'text',
        value: {
          text: 'said',
          annotations: [
            { kind: { case: 'raw', value: { dialect: origin || 'x', json: '{"type":"odd","at":"raw-4321"}' } } },
          ],
        },
      },
      /raw-4321/,
    ),
  ]),
];

/** An answer that is this part alone. */
export function answerOf(part: Part, finishReason: FinishReason = FinishReason.STOP, more: object = {}): ChatResponse {
  return create(ChatResponseSchema, {
    id: 'r',
    model: 'm',
    choices: [{ parts: [part], finishReason, ...more }],
  } as object);
}

/** The same as a stream: the part whole at its start, or as it comes from providers, in pieces. */
export function eventsOf(
  part: Part,
  pieces: boolean,
  reason: FinishReason = FinishReason.STOP,
  more: object = {},
): ChatEvent[] {
  const { start, deltas } = pieces ? inPieces(part) : { start: part, deltas: [] };
  return [
    { case: 'start', value: create(StreamStartSchema, { id: 'r', model: 'm' }) },
    { case: 'partStart', value: create(PartStartSchema, { part: start }) },
    ...deltas.map((delta) => ({ case: 'partDelta' as const, value: create(PartDeltaSchema, { delta }) })),
    { case: 'partEnd', value: create(PartEndSchema, {}) },
    { case: 'finish', value: create(StreamFinishSchema, { choices: [{ reason, ...more }] }) },
  ];
}

type Delta = NonNullable<MessageInitShape<typeof PartDeltaSchema>['delta']>;

function inPieces(part: Part): { start: Part; deltas: Delta[] } {
  const start = structuredClone(part);
  const deltas: Delta[] = [];
  const { kind } = start;
  switch (kind.case) {
    case 'text':
      deltas.push({ case: 'text', value: kind.value.text });
      deltas.push(...kind.value.annotations.map((value) => ({ case: 'annotation' as const, value })));
      Object.assign(kind.value, { text: '', annotations: [] });
      break;
    case 'reasoning':
    case 'refusal':
      if (kind.value.text !== '') deltas.push({ case: 'text', value: kind.value.text });
      kind.value.text = '';
      break;
    case 'toolCall':
      if (kind.value.input.case !== undefined) {
        deltas.push({ case: kind.value.input.case, value: kind.value.input.value });
        kind.value.input.value = '';
      }
      break;
    case 'audio':
      if (kind.value.transcript !== '') deltas.push({ case: 'transcript', value: kind.value.transcript });
      kind.value.transcript = '';
      if (kind.value.source?.location.case === 'data') {
        deltas.push({ case: 'data', value: kind.value.source.location.value });
        Reflect.deleteProperty(kind.value, 'source');
      }
      break;
    case 'image':
      if (kind.value.source?.location.case === 'data') {
        deltas.push({ case: 'data', value: kind.value.source.location.value });
        kind.value.source.location.value = new Uint8Array();
      }
  }
  // Its members of a block come with the block.
  if (part.signature === '' || (kind.case === 'toolCall' && part.origin === 'anthropic-messages'))
    return { start, deltas };
  deltas.push({ case: 'signature', value: part.signature });
  start.signature = '';
  return { start, deltas };
}
