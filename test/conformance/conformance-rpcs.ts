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
  unary: (request, context) =>
    answerOnce(context, request.responseDefinition, requestInfo(context, [packed(UnaryRequestSchema, request)])),

  idempotentUnary(request, context) {
    const info = requestInfo(context, [packed(IdempotentUnaryRequestSchema, request)]);
    return answerOnce(context, request.responseDefinition, info);
  },

  async clientStream(requests, context) {
    // Before anything is waited for: it tells how much is left of the deadline.
    const info = requestInfo(context, []);
    const all: ClientStreamRequest[] = await Array.fromAsync(requests);
    info.requests = all.map((one) => packed(ClientStreamRequestSchema, one));
    return answerOnce(context, all[0]?.responseDefinition, info);
  },

  async *serverStream(request, context) {
    const info = requestInfo(context, [packed(ServerStreamRequestSchema, request)]);
    yield* answerMany(context, request.responseDefinition, info);
  },

  async *bidiStream(requests, context) {
    const info = requestInfo(context, []);
    const more = requests[Symbol.asyncIterator]();
    const first = await more.next();
    if (first.done === true) return;
    info.requests = [packed(BidiStreamRequestSchema, first.value)];
    if (first.value.fullDuplex) {
      yield* answerEach(context, first.value.responseDefinition, { info, more });
      return;
    }
    for await (const one of { [Symbol.asyncIterator]: () => more }) {
      info.requests.push(packed(BidiStreamRequestSchema, one));
    }
    yield* answerMany(context, first.value.responseDefinition, info);
  },
};

type BidiAnswer = MessageInitShape<typeof BidiStreamResponseSchema>;

interface Dialogue {
  /** About the first request. */
  readonly info: ConformancePayload_RequestInfo;
  readonly more: AsyncIterator<BidiStreamRequest>;
}

/** Full duplex: one answer to each request; nothing more is received once no answer is left. */
async function* answerEach(
  context: HandlerContext,
  definition: StreamResponseDefinition | undefined,
  { info, more }: Dialogue,
): AsyncGenerator<BidiAnswer> {
  setMetadata(context, definition);
  const answers = definition?.responseData ?? [];
  let over = false;
  for (const [position, data] of answers.entries()) {
    if (position > 0 && !over) {
      const next = await more.next();
      over = next.done === true;
      info.requests = next.done === true ? [] : [packed(BidiStreamRequestSchema, next.value)];
    }
    await delay(context, definition);
    yield { payload: { data, requestInfo: position === 0 ? info : { requests: over ? [] : info.requests } } };
  }
  // The end that its client has said, or a request that stays unanswered: both end the call.
  if (answers.length > 0 && !over) await more.next();
  if (definition?.error !== undefined) throw failure(definition.error, answers.length === 0 ? info : undefined);
}

async function answerOnce(
  context: HandlerContext,
  definition: UnaryResponseDefinition | undefined,
  info: ConformancePayload_RequestInfo,
) {
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
