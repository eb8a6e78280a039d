import type { Dispatcher } from 'undici';
import type { Clock, Timer } from '../core/clock.ts';
import { AttemptError } from '../errors/attempt-error.ts';
import { decompress } from './decompress.ts';
import { type BodySource, ResponseBody } from './response-body.ts';
import type { UpstreamResponse, UpstreamSendOptions } from './upstream.ts';

/** The pool, as an exchange sees it. */
export interface ExchangePlace {
  /** The answer is complete; the connection is free. */
  complete(exchange: Exchange): void;
  /** Nothing more is wanted; the connection, or the attempt to make one, is to be closed. */
  abandon(exchange: Exchange): void;
}

export interface ExchangeInit extends UpstreamSendOptions {
  readonly request: Dispatcher.DispatchOptions;
  /** The provider's host, for messages. */
  readonly host: string;
  readonly place: ExchangePlace;
  readonly clock: Clock;
}

/**
 * One request and its answer, from the place in the queue for a connection to the last byte. undici calls the on…
 * methods. It ends once: complete, failed, aborted, timed out or left by its reader, and holds nothing afterwards.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: Dispatcher.DispatchOptions;
  readonly #answer = Promise.withResolvers<UpstreamResponse>();
  readonly #host: string;
  readonly #signal: AbortSignal;
  readonly #place: ExchangePlace;
  readonly #connectTimer: Timer;
  #body: ResponseBody | undefined;
  #over = false;

  constructor({ request, host, place, clock, signal, connectTimeoutMs }: ExchangeInit) {
    this.request = request;
    this.#host = host;
    this.#signal = signal;
    this.#place = place;
    this.#connectTimer = clock.schedule(connectTimeoutMs, this.#onConnectTimeout);
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Settles with the headers. */
  get answer(): Promise<UpstreamResponse> {
    return this.#answer.promise;
  }

  onRequestStart(): void {
    // undici calls this when it has a connection and is about to write.
    this.#connectTimer.stop();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, raw: RawHeaders): void {
    // Interim answers such as 103 say nothing that matters here.
    if (status < 200) return;
    const headers = firstValues(raw);
    const source: BodySource = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      leave: () => this.#abandon(),
    };
    this.#body = new ResponseBody(source, this.#signal);
    this.#answer.resolve({ status, headers, body: decompress(this.#body, headers['content-encoding']) });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#finish()) return;
    this.#body?.end();
    this.#place.complete(this);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#fail(this.#classify(error));
  }

  readonly #onAbort = (): void => this.#fail(this.#signal.reason);

  readonly #onConnectTimeout = (): void => {
    this.#fail(new AttemptError('TIMEOUT', `No connection to ${this.#host} in time.`, { timer: 'connect' }));
  };

  #fail(error: unknown): void {
    if (!this.#abandon()) return;
    if (this.#body === undefined) this.#answer.reject(error);
    else this.#body.fail(error);
  }

  #abandon(): boolean {
    if (!this.#finish()) return false;
    this.#place.abandon(this);
    return true;
  }

  /** Lets go of the timer and the signal. False when that was done before: the exchange is over. */
  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#connectTimer.stop();
    this.#signal.removeEventListener('abort', this.#onAbort);
    return true;
  }

  #classify(cause: NodeJS.ErrnoException): AttemptError {
    if (cause instanceof AttemptError) return cause;
    // The code alone: messages of parsers quote what came over the wire.
    const why = cause.code ?? cause.name;
    if (this.#body !== undefined) {
      return new AttemptError('INTERRUPTED', `The connection to ${this.#host} broke during the answer (${why}).`, {
        cause,
      });
    }
    if (cause.code === 'UND_ERR_INVALID_ARG') {
      return new AttemptError('EGRESS_DENIED', `The request to ${this.#host} cannot be written as HTTP.`, { cause });
    }
    return new AttemptError('CONNECTION', `The connection to ${this.#host} failed (${why}).`, { cause });
  }
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Of repeated headers the first. Without a prototype: a provider may call a header "constructor". */
function firstValues(raw: RawHeaders): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(raw)) {
    const first = typeof value === 'string' ? value : value?.[0];
    if (first !== undefined) headers[name] = first;
  }
  return headers;
}
