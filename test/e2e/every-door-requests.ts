import { type ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { ErrorInfoSchema, RetryInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { ChatService } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { EmbeddingService } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { TEST_KEY } from '../support/gateway.ts';
import { sse } from '../support/sse.ts';

// Every way to call Sluice, and how a call that goes wrong looks there.

/** What is asked at any door. */
export interface Ask {
  /** The name of the model, with what the simulator is to do wrong. */
  readonly model: string;
  /** Undefined: the right one; empty: none. */
  readonly key?: string;
  /** Sent instead of a body that is right. REST only. */
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How it ended, in words that all doors share. */
export interface Ending {
  /** OK, or the reason of the error. */
  readonly reason: string;
  /** The HTTP status that the error came with; 200 for one within a stream. Undefined over RPC. */
  readonly status: number | undefined;
  /** Whether the error was in the format of the door, whole. */
  readonly wellFormed: boolean;
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;
}

/** What kind of call a door takes: they fail at different providers' APIs. */
export type Kind = 'chat' | 'stream' | 'count' | 'embed';

export interface Door {
  readonly name: string;
  readonly kind: Kind;
  readonly rest: boolean;
  /** Throws what the client throws when it gives up itself. */
  call(url: string, ask: Ask): Promise<Ending>;
}

// biome-ignore lint/suspicious/noExplicitAny: a reading of foreign JSON without help of the code under test
type Json = any;
const isWords = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Whether a body is an error of the API, by its own rule. */
const ENVELOPES = {
  openai: ({ error }: Json) =>
    isWords(error?.message) && isWords(error?.type) && isWords(error?.code) && 'param' in error,
  anthropic: ({ type, error }: Json) => type === 'error' && isWords(error?.message) && isWords(error?.type),
  responses: ({ type, error, response, message }: Json) =>
    isWords(error?.message) || (type === 'error' && isWords(message)) || isWords(response?.error?.message),
  gemini: ({ error }: Json) => isWords(error?.message) && isWords(error?.status) && Number.isInteger(error?.code),
} as const;

interface RestDoor {
  readonly name: string;
  readonly kind: Kind;
  readonly envelope: keyof typeof ENVELOPES;
  readonly path: (model: string) => string;
  readonly body: object;
  /** The model stands in the path. */
  readonly addressed?: true;
}

const HELLO = [{ role: 'user', content: 'Hello' }];
const CONTENTS = [{ role: 'user', parts: [{ text: 'Hello' }] }];
const inGemini = (method: string) => (model: string) => `/v1beta/models/${encodeURIComponent(model)}:${method}`;
const at = (path: string) => () => path;

const REST: readonly RestDoor[] = [
  ...([false, true] as const).flatMap((stream) => {
    const kind = stream ? ('stream' as const) : ('chat' as const);
    const as = stream ? ', streamed' : '';
    const openai = { kind, envelope: 'openai' as const };
    return [
      {
        ...openai,
        name: `/v1/chat/completions${as}`,
        path: at('/v1/chat/completions'),
        body: { stream, messages: HELLO },
      },
      { ...openai, name: `/v1/completions${as}`, path: at('/v1/completions'), body: { stream, prompt: 'Hello' } },
      {
        kind,
        envelope: 'responses' as const,
        name: `/v1/responses${as}`,
        path: at('/v1/responses'),
        body: { stream, input: 'Hello' },
      },
      {
        kind,
        envelope: 'anthropic' as const,
        name: `/v1/messages${as}`,
        path: at('/v1/messages'),
        body: { stream, messages: HELLO, max_tokens: 99 },
      },
    ];
  }),
  {
    name: '/v1/messages/count_tokens',
    kind: 'count',
    envelope: 'anthropic',
    path: at('/v1/messages/count_tokens'),
    body: { messages: HELLO },
  },
  {
    name: 'generateContent',
    kind: 'chat',
    envelope: 'gemini',
    path: inGemini('generateContent'),
    body: { contents: CONTENTS },
    addressed: true,
  },
  {
    name: 'streamGenerateContent',
    kind: 'stream',
    envelope: 'gemini',
    path: inGemini('streamGenerateContent?alt=sse'),
    body: { contents: CONTENTS },
    addressed: true,
  },
  {
    name: 'countTokens',
    kind: 'count',
    envelope: 'gemini',
    path: inGemini('countTokens'),
    body: { contents: CONTENTS },
    addressed: true,
  },
  {
    name: 'embedContent',
    kind: 'embed',
    envelope: 'gemini',
    path: inGemini('embedContent'),
    body: { content: CONTENTS[0] },
    addressed: true,
  },
  { name: '/v1/embeddings', kind: 'embed', envelope: 'openai', path: at('/v1/embeddings'), body: { input: 'Hello' } },
];

function overRest(door: RestDoor): Door {
  return {
    ...door,
    rest: true,
    async call(url, { model, key = TEST_KEY, body, timeoutMs, signal }) {
      const response = await fetch(url + door.path(model), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-sluice-max-retries': '0',
          ...(key !== '' && { authorization: `Bearer ${key}` }),
          ...(timeoutMs !== undefined && { 'x-sluice-timeout': `${timeoutMs}ms` }),
        },
        body: body ?? JSON.stringify({ ...door.body, ...(!door.addressed && { model }) }),
        ...(signal && { signal }),
      });
      return restEnding(response, door);
    },
  };
}

async function restEnding(response: Response, { kind, envelope }: RestDoor): Promise<Ending> {
  const text = await response.text();
  const { status } = response;
  if (status !== 200) {
    const waits = response.headers.get('retry-after');
    return {
      reason: response.headers.get('x-sluice-reason') ?? '',
      status,
      wellFormed: ENVELOPES[envelope](JSON.parse(text)),
      retryAfter: waits === null ? undefined : Number(waits),
    };
  }
  const fine = { reason: 'OK', status, wellFormed: true, retryAfter: undefined };
  if (kind !== 'stream') return fine;
  const events = sse(text);
  const failed = events.filter((event) => event !== '[DONE]').find((event) => /"error":\{|"type":"error"/.test(event));
  if (failed === undefined) return fine;
  // An error is the last that a stream says.
  const last = failed === events.at(-1);
  return { ...fine, reason: 'STREAM_INTERRUPTED', wellFormed: last && ENVELOPES[envelope](JSON.parse(failed)) };
}

const generationOf = (model: string) => ({
  model,
  messages: [{ role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: 'Hello' } } }] }],
});

type Rpc = (transport: Transport, ask: Ask, options: object) => Promise<unknown>;
const PROTOCOLS = {
  Connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1' }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
} as const;
const gateway = { maxRetries: 0 };

const RPCS: readonly (readonly [name: string, kind: Kind, rpc: Rpc])[] = [
  [
    'Chat',
    'chat',
    (transport, { model }, options) =>
      createClient(ChatService, transport).chat({ generation: generationOf(model), gateway }, options),
  ],
  [
    'StreamChat',
    'stream',
    async (transport, { model }, options) => {
      const client = createClient(ChatService, transport);
      for await (const _ of client.streamChat({ generation: generationOf(model), gateway }, options));
    },
  ],
  [
    'CountTokens',
    'count',
    (transport, { model }, options) =>
      createClient(ChatService, transport).countTokens({ generation: generationOf(model), gateway }, options),
  ],
  [
    'Embed',
    'embed',
    (transport, { model }, options) =>
      createClient(EmbeddingService, transport).embed(
        { embedding: { model, inputs: [{ content: { case: 'text', value: 'Hello' } }] }, gateway },
        options,
      ),
  ],
];

function overRpc([name, kind, rpc]: (typeof RPCS)[number], protocol: keyof typeof PROTOCOLS): Door {
  return {
    name: `${name} over ${protocol}`,
    kind,
    rest: false,
    async call(url, ask) {
      const { key = TEST_KEY, timeoutMs, signal } = ask;
      const headers = key === '' ? {} : { authorization: `Bearer ${key}` };
      try {
        await rpc(PROTOCOLS[protocol](url), ask, {
          headers,
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(signal && { signal }),
        });
        return { reason: 'OK', status: undefined, wellFormed: true, retryAfter: undefined };
      } catch (thrown) {
        if (signal?.aborted === true) throw thrown;
        return rpcEnding(thrown as ConnectError, timeoutMs);
      }
    },
  };
}

function rpcEnding(error: ConnectError, timeoutMs: number | undefined): Ending {
  const [info] = error.findDetails(ErrorInfoSchema);
  const [retry] = error.findDetails(RetryInfoSchema);
  // A client whose own deadline passed may not wait for the server's answer.
  const reason = info?.reason ?? (timeoutMs === undefined ? '' : 'DEADLINE_EXCEEDED');
  const seconds = retry?.retryDelay?.seconds;
  return {
    reason,
    status: undefined,
    wellFormed: info === undefined ? timeoutMs !== undefined : info.domain === 'sluice.dev' && error.rawMessage !== '',
    retryAfter: seconds === undefined ? undefined : Number(seconds),
  };
}

export const DOORS: readonly Door[] = [
  ...REST.map(overRest),
  ...RPCS.flatMap((rpc) => [overRpc(rpc, 'Connect'), overRpc(rpc, 'gRPC')]),
];
