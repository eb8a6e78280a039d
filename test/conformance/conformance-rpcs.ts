import { setTimeout as pass } from 'node:timers/promises';
import { create, createRegistry, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from '@connectrpc/connect';
import {
  type BidiStreamRequest,
  BidiStreamRequestSchema,
  type BidiStreamResponseSchema,
  type ClientStreamRequest,
  ClientStreamRequestSchema,
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type ConformanceService,
  type Error as ErrorDefinition,
  file_connectrpc_conformance_v1_service,
  type Header,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from './gen/connectrpc/conformance/v1/service_pb.ts';

/** Types that stand in Any: in error details, and in JSON. */
export const conformanceTypes = createRegistry(file_connectrpc_conformance_v1_service);

/** The service that the suite calls; connectrpc/conformance/v1/service.proto says what each method does. */
export const conformanceRpcs: Partial<ServiceImpl<typeof ConformanceService>> = {
  unary: (request, context) => answerOnce(context, request.responseDefinition, [packed(UnaryRequestSchema, request)]),

  idempotentUnary: (request, context) =>
    answerOnce(context, request.responseDefinition, [packed(IdempotentUnaryRequestSchema, request)]),

  async clientStream(requests, context) {
    const all: ClientStreamRequest[] = await Array.fromAsync(requests);
    return answerOnce(
      context,
      all[0]?.responseDefinition,
      all.map((one) => packed(ClientStreamRequestSchema, one)),
    );
  },

  async *serverStream(request, context) {
    const info = requestInfo(context, [packed(ServerStreamRequestSchema, request)]);
    yield* answerMany(context, request.responseDefinition, info);
  },

  async *bidiStream(requests, context) {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done === true) return;
    yield* first.value.fullDuplex
      ? answerEach(context, first.value, iterator)
      : answerAll(context, [first.value, ...(await rest(iterator))]);
  },
};

type BidiAnswer = MessageInitShape<typeof BidiStreamResponseSchema>;

async function rest<T>(iterator: AsyncIterator<T>): Promise<readonly T[]> {
  return Array.fromAsync({ [Symbol.asyncIterator]: () => iterator });
}

/** Half duplex: the answers begin after the last request. */
async function* answerAll(context: HandlerContext, all: readonly BidiStreamRequest[]): AsyncGenerator<BidiAnswer> {
  const info = requestInfo(
    context,
    all.map((one) => packed(BidiStreamRequestSchema, one)),
  );
  yield* answerMany(context, all[0]?.responseDefinition, info);
}

/** Full duplex: one answer to each request; nothing more is received once no answer is left. */
async function* answerEach(
  context: HandlerContext,
  first: BidiStreamRequest,
  more: AsyncIterator<BidiStreamRequest>,
): AsyncGenerator<BidiAnswer> {
  const definition = first.responseDefinition;
  setMetadata(context, definition);
  const answers = definition?.responseData ?? [];
  let request: BidiStreamRequest | undefined = first;
  for (const [position, data] of answers.entries()) {
    await delay(context, definition);
    const requests = request === undefined ? [] : [packed(BidiStreamRequestSchema, request)];
    yield { payload: { data, requestInfo: position === 0 ? requestInfo(context, requests) : { requests } } };
    if (request === undefined) continue;
    const next = await more.next();
    request = next.done === true ? undefined : next.value;
  }
  if (definition?.error === undefined) return;
  const info = answers.length === 0 ? requestInfo(context, [packed(BidiStreamRequestSchema, first)]) : undefined;
  throw failure(definition.error, info);
}

async function answerOnce(
  context: HandlerContext,
  definition: UnaryResponseDefinition | undefined,
  requests: ReturnType<typeof packed>[],
) {
  const info = requestInfo(context, requests);
  setMetadata(context, definition);
  await delay(context, definition);
  if (definition?.response.case === 'error') throw failure(definition.response.value, info);
  const data = definition?.response.case === 'responseData' ? definition.response.value : new Uint8Array();
  return { payload: { data, requestInfo: info } };
}

async function* answerMany(
  context: HandlerContext,
  definition: StreamResponseDefinition | undefined,
  info: ConformancePayload_RequestInfo,
) {
  setMetadata(context, definition);
  const answers = definition?.responseData ?? [];
  for (const [position, data] of answers.entries()) {
    await delay(context, definition);
    yield { payload: position === 0 ? { data, requestInfo: info } : { data } };
  }
  if (definition?.error !== undefined) throw failure(definition.error, answers.length === 0 ? info : undefined);
}

/** Waits as the definition says. Ended early, it fails by the clock: the signal's reason differs by race. */
async function delay(context: HandlerContext, definition?: { readonly responseDelayMs: number }): Promise<void> {
  await pass(definition?.responseDelayMs ?? 0, undefined, { signal: context.signal }).catch(() => {
    const late = (context.timeoutMs() ?? 1) <= 0;
    throw new ConnectError('ended early', late ? Code.DeadlineExceeded : Code.Canceled);
  });
}

function packed<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>) {
  return anyPack(schema, message);
}

function requestInfo(context: HandlerContext, requests: ReturnType<typeof packed>[]): ConformancePayload_RequestInfo {
  const timeoutMs = context.timeoutMs();
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: pairs(context.requestHeader),
    requests,
    ...(timeoutMs === undefined ? {} : { timeoutMs: BigInt(Math.round(timeoutMs)) }),
    ...(context.requestMethod === 'GET'
      ? { connectGetInfo: { queryParams: pairs(new URL(context.url).searchParams) } }
      : {}),
  });
}

function pairs(from: Iterable<[string, string]>) {
  return [...from].map(([name, value]) => ({ name, value: [value] }));
}

function setMetadata(
  context: HandlerContext,
  definition: { readonly responseHeaders: Header[]; readonly responseTrailers: Header[] } | undefined,
): void {
  append(context.responseHeader, definition?.responseHeaders);
  append(context.responseTrailer, definition?.responseTrailers);
}

function append(to: Headers, headers: readonly Header[] = []): void {
  for (const { name, value } of headers) for (const one of value) to.append(name, one);
}

/** The error that a test case asks for, with what was received where there has been no answer to say it. */
function failure(error: ErrorDefinition, info: ConformancePayload_RequestInfo | undefined): ConnectError {
  const failed = new ConnectError(error.message ?? '', error.code as number as Code);
  for (const detail of error.details) {
    const value = anyUnpack(detail, conformanceTypes);
    const desc = value && conformanceTypes.getMessage(value.$typeName);
    if (desc !== undefined && value !== undefined) failed.details.push({ desc, value });
  }
  if (info !== undefined) failed.details.push({ desc: ConformancePayload_RequestInfoSchema, value: info });
  return failed;
}
