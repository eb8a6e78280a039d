import { create, toBinary, toJsonString } from '@bufbuild/protobuf';
import {
  ChatRequestSchema,
  type StreamChatRequest,
  StreamChatRequestSchema,
} from '../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../gen/sluice/v1/content_pb.ts';
import { GATEWAY_KEY, PROVIDERS } from './gateway.ts';
import type { LaneInit } from './load/task.ts';

/** The same question in every format that the doors understand, as bytes ready to be sent. */

type Provider = keyof typeof PROVIDERS;

const SYSTEM = 'You are the harbour master of a small town. Answer in three short sentences.';
const QUESTION = 'What did the harbour look like this morning, and which boats have gone out already?';
const AUTHORIZATION = `Bearer ${GATEWAY_KEY}`;
const CHAT = '/sluice.v1.ChatService/Chat';
const STREAM_CHAT = '/sluice.v1.ChatService/StreamChat';

/** OpenAI's format. The path is the gateway's; directCall has the mock's. */
export function restCall(port: number, provider: Provider): LaneInit {
  return openAiCall({ port, provider, path: '/v1/chat/completions', model: `${PROVIDERS[provider]}/m` });
}

/** The same to the mock itself or to a floor, which takes the mock's paths. */
export function directCall(port: number, provider: Provider): LaneInit {
  return openAiCall({ port, provider, path: `/${PROVIDERS[provider]}/v1/chat/completions`, model: 'm' });
}

interface OpenAiCall {
  readonly port: number;
  readonly provider: Provider;
  readonly path: string;
  readonly model: string;
}

function openAiCall({ port, provider, path, model }: OpenAiCall): LaneInit {
  const stream = provider !== 'unary';
  const messages = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: QUESTION },
  ];
  const body = JSON.stringify({ model, messages, temperature: 0.2, max_tokens: 200, ...(stream && { stream }) });
  const request = httpRequest(path, { 'content-type': 'application/json' }, Buffer.from(body));
  return { kind: 'http1', port, request, ...(stream && { ending: '[DONE]' }) };
}

export function connectProtobufCall(port: number): LaneInit {
  const body = toBinary(ChatRequestSchema, create(ChatRequestSchema, { generation: generation('unary') }));
  return { kind: 'http1', port, request: httpRequest(CHAT, connectHeaders('application/proto'), body) };
}

export function connectJsonCall(port: number): LaneInit {
  const text = toJsonString(ChatRequestSchema, create(ChatRequestSchema, { generation: generation('unary') }));
  const request = httpRequest(CHAT, connectHeaders('application/json'), Buffer.from(text));
  return { kind: 'http1', port, request };
}

export function connectStreamCall(port: number): LaneInit {
  const headers = connectHeaders('application/connect+proto');
  // The end of a good stream is an empty JSON object, see connectrpc.com/docs/protocol, EndStreamResponse.
  return { kind: 'http1', port, request: httpRequest(STREAM_CHAT, headers, streamBody()), ending: '{}' };
}

export function grpcCall(port: number): LaneInit {
  const body = toBinary(ChatRequestSchema, create(ChatRequestSchema, { generation: generation('unary') }));
  return { kind: 'grpc', port, path: CHAT, authorization: AUTHORIZATION, body: enveloped(body) };
}

export function grpcStreamCall(port: number): LaneInit {
  return { kind: 'grpc', port, path: STREAM_CHAT, authorization: AUTHORIZATION, body: streamBody() };
}

function generation(provider: Provider): NonNullable<StreamChatRequest['generation']> {
  const message = create(StreamChatRequestSchema, {
    generation: {
      model: `${PROVIDERS[provider]}/m`,
      messages: [
        { role: Role.SYSTEM, parts: [{ kind: { case: 'text', value: { text: SYSTEM } } }] },
        { role: Role.USER, parts: [{ kind: { case: 'text', value: { text: QUESTION } } }] },
      ],
      temperature: 0.2,
      maxOutputTokens: 200,
    },
  });
  if (message.generation === undefined) throw new Error('A message has lost its member.');
  return message.generation;
}

function streamBody(): Uint8Array {
  const request = create(StreamChatRequestSchema, { generation: generation('burst') });
  return enveloped(toBinary(StreamChatRequestSchema, request));
}

/** Connect's and gRPC's envelope: a byte of flags and the length, big endian. */
function enveloped(message: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function connectHeaders(contentType: string): Readonly<Record<string, string>> {
  return { 'content-type': contentType, 'connect-protocol-version': '1' };
}

function httpRequest(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Uint8Array {
  const lines = Object.entries({
    host: '127.0.0.1',
    authorization: AUTHORIZATION,
    ...headers,
    'content-length': String(body.length),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}
