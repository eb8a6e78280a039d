import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { Code, ConnectError, type ContextValues, createContextValues, type HandlerContext } from '@connectrpc/connect';
import type { Clock, Timer } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import { requestIdKey } from '../request-id.ts';
import type { Exchange } from './exchange.ts';

export interface CallStart {
  readonly method: DescMethod;
  readonly protocolName: string;
  readonly contentType: string;
  readonly timeoutMs: number | undefined;
}

/** What a handler knows of its call. Whatever costs anything is made when it is first asked for. */
export class CallView implements HandlerContext {
  readonly method: DescMethod;
  readonly service: DescService;
  readonly protocolName: string;
  readonly responseHeader = new Headers();
  readonly responseTrailer = new Headers();
  readonly values: ContextValues = createContextValues();
  readonly requestId: string;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #deadline: number | undefined;
  #requestHeader: Headers | undefined;
  #aborter: AbortController | undefined;
  #timer: Timer | undefined;
  #over = false;

  constructor(exchange: Exchange, clock: Clock, { method, protocolName, contentType, timeoutMs }: CallStart) {
    this.method = method;
    this.service = method.parent;
    this.protocolName = protocolName;
    this.#exchange = exchange;
    this.#clock = clock;
    this.#deadline = timeoutMs === undefined ? undefined : clock.monotonic() + timeoutMs;
    this.requestId = newId('req', clock.now());
    this.values.set(requestIdKey, this.requestId);
    this.responseHeader.set('content-type', contentType);
    this.responseHeader.set('x-request-id', this.requestId);
  }

  get requestMethod(): string {
    return this.#exchange.method;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= toHeaders(this.#exchange.headers);
    return this.#requestHeader;
  }

  get url(): string {
    return new URL(this.#exchange.target, this.#exchange.origin).href;
  }

  readonly timeoutMs = (): number | undefined =>
    this.#deadline === undefined ? undefined : this.#deadline - this.#clock.monotonic();

  /** Aborted where the deadline passes or the client goes away before the call is over. */
  get signal(): AbortSignal {
    this.#aborter ??= this.#watch();
    return this.#aborter.signal;
  }

  /** To be called once when the handler is done: nothing is aborted from then on. */
  close(): void {
    this.#over = true;
    this.#timer?.stop();
  }

  #watch(): AbortController {
    const aborter = new AbortController();
    const abort = (message: string, code: Code): void => {
      if (!this.#over && !aborter.signal.aborted) aborter.abort(new ConnectError(message, code));
    };
    const late = (): void => {
      const left = this.timeoutMs() ?? 0;
      // Timers may fire a little early. Handlers tell a deadline from a disconnect by what is left of it.
      if (left > 0) this.#timer = this.#clock.schedule(left, late);
      else abort('the operation timed out', Code.DeadlineExceeded);
    };
    const gone = (): void => abort('the client went away', Code.Canceled);
    if (!this.#exchange.writable) gone();
    else {
      this.#exchange.onClose(gone);
      if (this.#deadline !== undefined) late();
    }
    return aborter;
  }
}

/** Pseudo-headers of HTTP/2 are none of the caller's. */
function toHeaders(fields: Exchange['headers']): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name.startsWith(':')) continue;
    if (typeof value === 'string') headers.set(name, value);
    else for (const one of value) headers.append(name, one);
  }
  return headers;
}
