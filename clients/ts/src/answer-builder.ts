import { clone, create } from '@bufbuild/protobuf';
import {
  type ChatResponse,
  ChatResponseSchema,
  type Choice,
  ChoiceSchema,
  type Logprobs,
  LogprobsSchema,
  type PartDelta,
  type StreamChatResponse,
  type StreamFinish,
} from './gen/sluice/v1/chat_service_pb.ts';
import {
  type MediaSource,
  MediaSourceSchema,
  type Part,
  PartSchema,
  type ToolCallPart,
} from './gen/sluice/v1/content_pb.ts';

/** One event of a streamed answer, of a kind that this client knows. */
export type ChatEvent = Exclude<StreamChatResponse['event'], { case: undefined }>;

/** The answer of a stream so far: what sluice.v1.ChatService.Chat would have answered. */
export class AnswerBuilder {
  readonly #answer = create(ChatResponseSchema);
  readonly #parts = new Map<number, Map<number, Part>>();
  readonly #choices = new Map<number, Choice>();

  /** Adds the next event. */
  add(event: ChatEvent): void {
    switch (event.case) {
      case 'start': {
        const { id, model, createTime, systemFingerprint } = event.value;
        Object.assign(this.#answer, { id, model, createTime, systemFingerprint });
        break;
      }
      case 'partStart': {
        const { choice, index, part } = event.value;
        this.#choice(choice);
        this.#partsOf(choice).set(index, part === undefined ? create(PartSchema) : clone(PartSchema, part));
        break;
      }
      case 'partDelta':
        this.#addDelta(event.value);
        break;
      case 'finish':
        this.#finish(event.value);
        break;
      case 'partEnd':
        break;
    }
  }

  /** A part as it is so far; undefined before it begins. */
  part(choice: number, index: number): Part | undefined {
    return this.#parts.get(choice)?.get(index);
  }

  /** The answer as it is so far. */
  build(): ChatResponse {
    const choices = inOrder(this.#choices).map(([index, choice]) => {
      const parts = inOrder(this.#partsOf(index)).map(([, part]) => part);
      return create(ChoiceSchema, { ...choice, parts });
    });
    return create(ChatResponseSchema, { ...this.#answer, choices });
  }

  #choice(index: number): Choice {
    const choice = this.#choices.get(index) ?? create(ChoiceSchema, { index });
    this.#choices.set(index, choice);
    return choice;
  }

  #partsOf(choice: number): Map<number, Part> {
    const parts = this.#parts.get(choice) ?? new Map<number, Part>();
    this.#parts.set(choice, parts);
    return parts;
  }

  #addDelta(delta: PartDelta): void {
    const part = this.part(delta.choice, delta.index);
    if (part !== undefined) extendPart(part, delta.delta);
    if (delta.logprobs !== undefined) addLogprobs(this.#choice(delta.choice), delta.logprobs);
  }

  #finish(finish: StreamFinish): void {
    const { usage, serviceTier, decision } = finish;
    Object.assign(this.#answer, { usage, serviceTier, decision });
    for (const { choice, reason, rawReason } of finish.choices) {
      Object.assign(this.#choice(choice), { finishReason: reason, rawFinishReason: rawReason });
    }
  }
}

function inOrder<T>(byIndex: ReadonlyMap<number, T>): [number, T][] {
  return [...byIndex].sort(([left], [right]) => left - right);
}

/** Adds a delta to its part. One that does not fit the part's kind comes from a newer contract and is skipped. */
function extendPart(part: Part, delta: PartDelta['delta']): void {
  const { kind } = part;
  switch (delta.case) {
    case 'text':
      if (kind.case === 'toolCall') kind.value.input = longerInput(kind.value.input, delta);
      else if (kind.case === 'text' || kind.case === 'reasoning' || kind.case === 'refusal') {
        kind.value.text += delta.value;
      }
      break;
    case 'argumentsJson':
      if (kind.case === 'toolCall') kind.value.input = longerInput(kind.value.input, delta);
      break;
    case 'data':
      if (kind.case === 'audio' || kind.case === 'image') addData(kind.value, delta.value);
      break;
    case 'transcript':
      if (kind.case === 'audio') kind.value.transcript += delta.value;
      break;
    case 'signature':
      part.signature = delta.value;
      break;
    case 'annotation':
      if (kind.case === 'text') kind.value.annotations.push(delta.value);
      break;
  }
}

type ToolInput = ToolCallPart['input'];

function longerInput(input: ToolInput, more: Exclude<ToolInput, { case: undefined }>): ToolInput {
  return { case: more.case, value: (input.case === more.case ? input.value : '') + more.value };
}

/** Bytes go to the part's source, which a stream may leave out of the part's beginning. */
function addData(media: { source?: MediaSource | undefined }, more: Uint8Array): void {
  media.source ??= create(MediaSourceSchema);
  const { location } = media.source;
  const before = location.case === 'data' ? location.value : new Uint8Array();
  const value = new Uint8Array(before.length + more.length);
  value.set(before);
  value.set(more, before.length);
  media.source.location = { case: 'data', value };
}

function addLogprobs(choice: Choice, more: Logprobs): void {
  choice.logprobs ??= create(LogprobsSchema);
  choice.logprobs.content.push(...more.content);
  choice.logprobs.refusal.push(...more.refusal);
}
