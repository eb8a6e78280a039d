import { Code } from '@connectrpc/connect';
import { AnswerBuilder, type ChatEvent } from './answer-builder.ts';
import { answerText } from './answer-text.ts';
import type { Call } from './call.ts';
import type { ChatResponse, FinishReason, StreamChatResponse, StreamFinish } from './gen/sluice/v1/chat_service_pb.ts';
import type { Decision } from './gen/sluice/v1/decision_pb.ts';
import type { Usage } from './gen/sluice/v1/usage_pb.ts';
import { canceledError, readError } from './read-error.ts';
import { SluiceError } from './sluice-error.ts';
import { withRetries } from './with-retries.ts';

/** Where a stream comes from. */
export interface ChatStreamSource {
  /** Begins the call: its time runs from now, and the signal ends it. */
  openCall(signal: AbortSignal): Call;
  /** Sends the request once. */
  send(call: Call, timeoutMs: number | undefined): Promise<AsyncIterator<StreamChatResponse>>;
}

/**
 * A streamed answer. The call begins with the first read. The events can be read once; leaving them early, by break,
 * return or throw, cancels the call here and at the gateway. A failure is thrown as a SluiceError; what came before it
 * stands.
 */
export class ChatStream implements AsyncIterable<ChatEvent> {
  readonly #abort = new AbortController();
  readonly #answer = new AnswerBuilder();
  readonly #events: AsyncGenerator<ChatEvent, undefined>;
  #finish: StreamFinish | undefined;
  #failure: SluiceError | undefined;

  constructor(source: ChatStreamSource, signal: AbortSignal | undefined) {
    const own = this.#abort.signal;
    this.#events = this.#read(source, signal === undefined ? own : AbortSignal.any([own, signal]));
  }

  /** What the gateway did. Set once the finish event was read. */
  get decision(): Decision | undefined {
    return this.#finish?.decision;
  }

  /** Tokens of the attempt that answered. Set once the finish event was read, where the provider said. */
  get usage(): Usage | undefined {
    return this.#finish?.usage;
  }

  /** Why the first answer ended. Set once the finish event was read. */
  get finishReason(): FinishReason | undefined {
    return this.#finish?.choices.find(({ choice }) => choice === 0)?.reason;
  }

  [Symbol.asyncIterator](): AsyncIterator<ChatEvent, undefined> {
    return {
      next: () => this.#events.next(),
      return: () => {
        // First the abort: a generator that waits for the network would not hear of the return.
        this.cancel();
        return this.#events.return(undefined);
      },
    };
  }

  /** The first answer's text, as it comes. Leaving it early cancels the call. */
  async *textStream(): AsyncGenerator<string, undefined> {
    for await (const event of this) {
      const text = this.#newText(event);
      if (text !== '') yield text;
    }
    return undefined;
  }

  /** Reads to the end. The first answer's whole text, with what was read before. */
  async text(): Promise<string> {
    return answerText(await this.final());
  }

  /** Reads to the end. The whole answer as ChatService.Chat would have given it, with what was read before. */
  async final(): Promise<ChatResponse> {
    while ((await this.#events.next()).done !== true);
    if (this.#finish === undefined) throw this.#failure ?? canceledError('the stream was left before its end');
    return this.#answer.build();
  }

  /** Ends the call. A read that waits fails with reason CANCELED. Without effect after the end. */
  cancel(): void {
    this.#abort.abort();
  }

  async *#read(source: ChatStreamSource, signal: AbortSignal): AsyncGenerator<ChatEvent, undefined> {
    try {
      for await (const event of readEvents(source, source.openCall(signal))) {
        this.#answer.add(event);
        if (event.case === 'finish') this.#finish = event.value;
        yield event;
      }
    } catch (thrown) {
      if (thrown instanceof SluiceError) this.#failure = thrown;
      throw thrown;
    }
    return undefined;
  }

  #newText(event: ChatEvent): string {
    if (event.case === 'partStart') {
      const { choice, part } = event.value;
      return choice === 0 && part?.kind.case === 'text' ? part.kind.value.text : '';
    }
    if (event.case !== 'partDelta' || event.value.choice !== 0 || event.value.delta.case !== 'text') return '';
    return this.#answer.part(0, event.value.index)?.kind.case === 'text' ? event.value.delta.value : '';
  }
}

/** The events of a call, up to and with finish. Sent again only while nothing has come. */
async function* readEvents(source: ChatStreamSource, call: Call): AsyncGenerator<ChatEvent> {
  const { messages, first } = await withRetries(call, {
    repeatable: false,
    async run(timeoutMs) {
      const messages = await source.send(call, timeoutMs);
      return { messages, first: await messages.next() };
    },
  });
  for (let step = first; step.done !== true; step = await nextMessage(messages, call)) {
    const { event } = step.value;
    if (event.case === 'finish') {
      await readOut(messages);
      yield event;
      return;
    }
    // Events of a newer contract are skipped.
    if (event.case !== undefined) yield event;
  }
  throw interrupted('The stream ended without its finish event.', undefined);
}

async function nextMessage<T>(messages: AsyncIterator<T>, call: Call): Promise<IteratorResult<T>> {
  try {
    return await messages.next();
  } catch (thrown) {
    const error = readError(thrown, call);
    const isNetwork = error.rawReason === '' && (error.reason === 'CONNECTION' || error.reason === 'UNKNOWN');
    throw isNetwork ? interrupted(`The stream broke: ${error.message}`, error) : error;
  }
}

/** Reads to the end of the protocol, so that the connection is free again. The answer is whole whatever comes here. */
async function readOut(messages: AsyncIterator<unknown>): Promise<void> {
  try {
    while ((await messages.next()).done !== true);
  } catch {
    // The finish event was the end.
  }
}

function interrupted(message: string, cause: SluiceError | undefined): SluiceError {
  return new SluiceError(
    { reason: 'STREAM_INTERRUPTED', code: Code.Unavailable, message },
    { cause, requestId: cause?.requestId ?? '' },
  );
}
