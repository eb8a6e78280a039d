import { create } from '@bufbuild/protobuf';
import { createRouterTransport } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import {
  answerText,
  ChatRequestSchema,
  type ChatResponseSchema,
  ChatService,
  clientOverTransport,
  createSluiceClient,
  GenerationSchema,
  Role,
} from '../../clients/ts/src/index.ts';
import type { ChatRequest, FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { EmbedRequest } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { startGateway, textEvents } from './gateway.ts';

const TRANSPORTS = [
  ['connect', '1.1'],
  ['connect', '2'],
  ['grpc', '2'],
  ['grpc-web', '1.1'],
  ['grpc-web', '2'],
] as const;

/** A client whose chat calls are all kept. */
async function recordingClient(metadata = {}) {
  const requests: ChatRequest[] = [];
  const baseUrl = await startGateway({
    chat: {
      chat(request) {
        requests.push(request);
        return {};
      },
    },
  });
  return { client: createSluiceClient({ apiKey: 'k', baseUrl, metadata }), requests };
}

describe.each(TRANSPORTS)('over %s on HTTP/%s', (protocol, httpVersion) => {
  it('an answer in one piece comes whole, under the key', async () => {
    let authorization: string | null = '';
    const chat = {
      chat(request: ChatRequest, { requestHeader }: { requestHeader: Headers }) {
        authorization = requestHeader.get('authorization');
        const text = `you said ${request.generation?.messages.length}`;
        return { choices: [{ parts: [{ kind: { case: 'text', value: { text } } as const }] }] };
      },
    };
    const baseUrl = await startGateway({ chat }, httpVersion);
    const client = createSluiceClient({ apiKey: 'sk-sluice-1', baseUrl, protocol, httpVersion });
    const answer = await client.chat({ model: 'm', messages: 'hi' });
    expect(answerText(answer)).toBe('you said 1');
    expect(authorization).toBe('Bearer sk-sluice-1');
  });

  it('a stream comes whole, with its decision at the end', async () => {
    const chat = {
      streamChat: async function* () {
        yield* textEvents(['Hel', 'lo']);
      },
    };
    const baseUrl = await startGateway({ chat }, httpVersion);
    const stream = createSluiceClient({ apiKey: 'k', baseUrl, protocol, httpVersion }).streamChat({
      model: 'm',
      messages: 'hi',
    });
    expect(await stream.text()).toBe('Hello');
    expect(stream.decision?.requestId).toBe('req_1');
  });
});

it('gRPC over HTTP/1.1 is refused when the client is made', () => {
  const make = () => createSluiceClient({ apiKey: 'k', baseUrl: 'http://h', protocol: 'grpc', httpVersion: '1.1' });
  expect(make).toThrow(TypeError);
});

it('a client works over any transport, so that applications can test without a gateway', async () => {
  const transport = createRouterTransport(({ service }) => {
    service(ChatService, { chat: () => ({ model: 'of a router' }) });
  });
  const answer = await clientOverTransport(transport, { apiKey: 'k' }).chat({ model: 'm', messages: 'hi' });
  expect(answer.model).toBe('of a router');
});

describe('requests', () => {
  it('plain messages and generated ones may be mixed', async () => {
    const { client, requests } = await recordingClient();
    const picture = { role: Role.USER, parts: [{ kind: { case: 'refusal', value: { text: 'no' } } as const }] };
    await client.chat({ model: 'm', temperature: 0, messages: [{ role: 'system', content: 'be short' }, picture] });
    const generation = requests[0]?.generation;
    expect(generation?.temperature).toBe(0);
    expect(generation?.topP).toBeUndefined();
    expect(generation?.messages.map((message) => message.role)).toEqual([Role.SYSTEM, Role.USER]);
    expect(generation?.messages[0]?.parts[0]?.kind).toMatchObject({ case: 'text', value: { text: 'be short' } });
    expect(generation?.messages[1]?.parts[0]?.kind.case).toBe('refusal');
  });

  it('generated messages are taken as they are', async () => {
    const { client, requests } = await recordingClient();
    const generation = create(GenerationSchema, { model: 'm', seed: 2n ** 62n, messages: [{ role: Role.USER }] });
    await client.chat(generation);
    await client.chat(create(ChatRequestSchema, { generation, metadata: { team: 't' }, gateway: { strict: true } }));
    expect(requests.map((request) => request.generation?.seed)).toEqual([2n ** 62n, 2n ** 62n]);
    expect(requests[1]?.metadata?.team).toBe('t');
    expect(requests[1]?.gateway?.strict).toBe(true);
  });

  it("a call's metadata wins over the client's, field by field and label by label", async () => {
    const { client, requests } = await recordingClient({ team: 'a', user: 'u', labels: { x: '1', y: '1' } });
    const input = { generation: { model: 'm', messages: 'hi' }, metadata: { team: 'b', labels: { y: '2' } } };
    await client.chat(input, { metadata: { team: 'c' }, gateway: { maxRetries: 0 } });
    expect(requests[0]?.metadata).toMatchObject({ team: 'c', user: 'u', labels: { x: '1', y: '2' } });
    expect(requests[0]?.gateway?.maxRetries).toBe(0);
  });

  it('texts to embed may be plain', async () => {
    const requests: EmbedRequest[] = [];
    const embedding = {
      embed(request: EmbedRequest) {
        requests.push(request);
        return { vectors: [{ values: [0.5, -1] }] };
      },
    };
    const client = createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ embedding }) });
    const tokens = { content: { case: 'tokens' as const, value: { ids: [1, 2] } } };
    const { vectors } = await client.embed({ model: 'm', inputs: ['a', tokens] });
    expect(vectors[0]?.values).toEqual([0.5, -1]);
    expect(requests[0]?.embedding?.inputs.map((input) => input.content.case)).toEqual(['text', 'tokens']);
  });
});

describe('answers', () => {
  const answering = async (response: Parameters<typeof create<typeof ChatResponseSchema>>[1]) => {
    const baseUrl = await startGateway({ chat: { chat: () => response ?? {} } });
    return createSluiceClient({ apiKey: 'k', baseUrl }).chat({ model: 'm', messages: 'hi' });
  };

  it('a token count that nobody gave is unset and a count of none is zero', async () => {
    const { usage } = await answering({ usage: { outputTokens: 0 } });
    expect(usage?.outputTokens).toBe(0);
    expect(usage?.inputTokens).toBeUndefined();
  });

  it('a cost beyond 2^53 keeps each nano-dollar', async () => {
    const { decision } = await answering({ decision: { cost: { nanoUsd: 9_007_199_254_740_993n } } });
    expect(decision?.cost?.nanoUsd).toBe(9_007_199_254_740_993n);
  });

  it('an enum value newer than the client stays what it is', async () => {
    const { choices } = await answering({ choices: [{ finishReason: 99 as FinishReason }] });
    expect(choices[0]?.finishReason).toBe(99);
  });
});

describe('models', () => {
  const pages = [['a', 'b'], ['c'], []].map((ids, page) => ({
    models: ids.map((id) => ({ id })),
    nextPageToken: page < 2 ? `page ${page + 1}` : '',
  }));

  const startModels = async () => {
    const asked: { pageSize: number; pageToken: string }[] = [];
    const model = {
      listModels({ pageSize, pageToken }: { pageSize: number; pageToken: string }) {
        asked.push({ pageSize, pageToken });
        return pages[Number(pageToken.split(' ')[1] ?? 0)] ?? {};
      },
      getModel: ({ id }: { id: string }) => ({ model: { id, ownedBy: 'sluice' } }),
    };
    return { client: createSluiceClient({ apiKey: 'k', baseUrl: await startGateway({ model }) }), asked };
  };

  it('a list goes on over all pages', async () => {
    const { client, asked } = await startModels();
    const ids: string[] = [];
    for await (const { id } of client.listModels({ pageSize: 2 })) ids.push(id);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(asked.map(({ pageToken }) => pageToken)).toEqual(['', 'page 1', 'page 2']);
    expect(asked.every(({ pageSize }) => pageSize === 2)).toBe(true);
  });

  it('pages that are not read are not asked for', async () => {
    const { client, asked } = await startModels();
    for await (const page of client.listModels().pages()) {
      expect(page.models).toHaveLength(2);
      break;
    }
    expect(asked).toHaveLength(1);
  });

  it('one model comes by its name', async () => {
    const { client } = await startModels();
    expect(await client.getModel('openai/gpt')).toMatchObject({ id: 'openai/gpt', ownedBy: 'sluice' });
  });
});
