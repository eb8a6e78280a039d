import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { REASON_TABLE } from '../errors/reason-table.ts';
import { SluiceError, toSluiceError } from '../errors/sluice-error.ts';
import { checkAwsSignature, isAwsSigned, type SignatureRefusal } from './aws-signature.ts';
import { doorAt, PLAIN_ERROR_CODEC } from './doors.ts';
import { type GenerateDeps, type Generated, generate } from './generate.ts';
import { encodeInvoice, type Invoice } from './invoice.ts';
import { encodeModelList } from './models.ts';
import { Outlet } from './outlet.ts';
import { type Played, play } from './play.ts';
import { parseBody, readBytes } from './read-body.ts';
import type { Stats } from './stats.ts';
import { type TokenServer, tokenServerAt } from './token-servers.ts';

export interface RequestHandlerDeps extends GenerateDeps {
  readonly clock: Clock;
  readonly stats: Stats;
  readonly invoice: Invoice;
}

/** Headers that hold a caller's key. */
const KEY_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'];

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Headers under which callers send their own id of a request. */
const ID_HEADERS = ['x-request-id', 'x-client-request-id', 'x-sluice-request-id'];

/** Answers all requests of a simulator. */
export function createRequestHandler(deps: RequestHandlerDeps): Handler {
  /** Connections that are reset when another request comes on them. */
  const doomed = new WeakSet<Socket>();
  return (request, response) => {
    if (doomed.has(request.socket)) {
      request.socket.resetAndDestroy();
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const tokenServer = tokenServerAt(request.method ?? '', path);
    if (tokenServer !== undefined) {
      void answerToken(deps, tokenServer, { request, response, path });
      return;
    }
    const found = request.method === 'POST' ? doorAt(path) : undefined;
    if (found === undefined) {
      answerPlainly(deps, { method: request.method ?? '', path, response });
      return;
    }
    void answerDoor(deps, found, { request, response, path }).then((after) => {
      if (after === 'close') request.socket.destroySoon();
      if (after === 'reset-next') doomed.add(request.socket);
    });
  };
}

interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
}

/** Never rejects. Says what becomes of the connection. */
async function answerDoor(
  deps: RequestHandlerDeps,
  { door, address }: NonNullable<ReturnType<typeof doorAt>>,
  { request, response, path }: HttpExchange,
): Promise<Played['after']> {
  const { clock, stats } = deps;
  const requestNumber = stats.requestOpened();
  const outlet = new Outlet(response, { clock, countPaused: (change) => stats.countPaused(change) });
  try {
    const bytes = await readBytes(request);
    const refusal = isAwsSigned(request.headers) ? checkSignature(request, bytes, clock.now()) : undefined;
    if (refusal !== undefined) {
      sendRefusal(response, refusal);
      return 'keep';
    }
    const body = parseBody(bytes);
    const received = { requestNumber, path, headers: request.headers, body, address, nowMs: clock.now() };
    const generated = generate(deps, door, received);
    const played = await play(generated.exchange.steps, outlet);
    if (played.finished === 'client-gone') stats.clientGone(requestNumber);
    bill(deps.invoice, { requestNumber, generated, played, request });
    return played.after;
  } catch (thrown) {
    sendError(response, toSluiceError(thrown), door);
    return 'keep';
  } finally {
    stats.requestClosed();
  }
}

function checkSignature(request: IncomingMessage, body: Buffer, nowMs: number): SignatureRefusal | undefined {
  const { method = '', url: target = '', headers } = request;
  return checkAwsSignature({ method, target, headers, body, nowMs });
}

/** In the words of AWS: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html */
function sendRefusal(response: ServerResponse, { errorType, message }: SignatureRefusal): void {
  response.setHeader('x-amzn-errortype', errorType);
  sendJson(response, 403, JSON.stringify({ message }));
}

/** Never rejects. */
async function answerToken(
  { clock }: RequestHandlerDeps,
  server: TokenServer,
  { request, response }: HttpExchange,
): Promise<void> {
  try {
    const form = new URLSearchParams((await readBytes(request)).toString('utf8'));
    const { status, json } = server({ form, nowMs: clock.now() });
    sendJson(response, status, JSON.stringify(json));
  } catch (thrown) {
    sendError(response, toSluiceError(thrown), { codec: PLAIN_ERROR_CODEC });
  }
}

interface Billable {
  readonly requestNumber: number;
  readonly generated: Generated;
  readonly played: Played;
  readonly request: IncomingMessage;
}

function bill(invoice: Invoice, { requestNumber, generated, played, request }: Billable): void {
  const { usage } = generated.exchange;
  const { headers } = request;
  invoice.record({
    requestNumber,
    model: generated.model,
    inputTokens: usage?.inputTokens ?? 0,
    cachedTokens: usage?.cacheReadTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    reasoningTokens: usage?.reasoningTokens ?? 0,
    generatedTokens: played.tokens,
    finished: played.finished,
    callerRequestId: ID_HEADERS.map((name) => headers[name]?.toString()).find((id) => id !== undefined) ?? '',
    authorized: KEY_HEADERS.some((name) => headers[name] !== undefined),
  });
}

interface PlainRequest {
  readonly method: string;
  readonly path: string;
  readonly response: ServerResponse;
}

/** Whatever is not a model's answer. */
function answerPlainly({ invoice, stats }: RequestHandlerDeps, { method, path, response }: PlainRequest): void {
  if (method === 'DELETE' && path === '/invoice') invoice.clear();
  const pages: Readonly<Record<string, () => string>> = {
    'GET /v1/models': encodeModelList,
    'GET /invoice': () => encodeInvoice(invoice),
    'DELETE /invoice': () => encodeInvoice(invoice),
    'GET /stats': () => JSON.stringify(stats.snapshot()),
  };
  const page = pages[`${method} ${path}`];
  if (page !== undefined) {
    sendJson(response, 200, page());
    return;
  }
  const error = new SluiceError('UNKNOWN_ENDPOINT', `The simulator has no ${method} ${path}.`);
  sendError(response, error, { codec: PLAIN_ERROR_CODEC });
}

interface ErrorDoor {
  readonly codec: { encodeError(error: SluiceError): string };
}

/** Once an answer has begun, an error can only break it off. */
function sendError(response: ServerResponse, error: SluiceError, { codec }: ErrorDoor): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else sendJson(response, REASON_TABLE[error.reason].status, codec.encodeError(error));
}

function sendJson(response: ServerResponse, status: number, text: string): void {
  const length = Buffer.byteLength(text, 'utf8');
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length }).end(text);
}
