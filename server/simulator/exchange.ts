import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { EmbedResponseSchema } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { type Usage, UsageSchema } from '../../gen/sluice/v1/usage_pb.ts';
import {
  CHAT_DIALECTS,
  type ChatDoorCodec,
  type DecodedChatRequest,
  type DecodedEmbeddingRequest,
  type EmbeddingDoorCodec,
  type Frame,
  type StreamFraming,
  type TokenCountDoorCodec,
} from '../dialects/dialect.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import { encodeAwsEventFrame } from '../upstream/aws-event-stream-encoder.ts';
import { encodeSseFrame } from '../upstream/sse-encoder.ts';
import { type AnswerHead, answerEvents } from './answer-events.ts';
import type { Behaviour } from './behaviour.ts';
import { DEFAULT_DIMENSIONS, embed } from './embeddings.ts';
import type { FaultUse, TimedFrame } from './faults/fault.ts';
import { type AnswerPlan, planAnswer } from './plan.ts';
import { type SceneGround, type Strike, setScenes } from './scene.ts';
import { END, type HeaderList, type Step } from './step.ts';
import { countInputTokens, countPromptTokens } from './tokens.ts';
import { wholeAnswer } from './whole-answer.ts';

/** What an answer depends on besides the request's body. */
export interface ExchangeSetting {
  readonly behaviour: Behaviour;
  /** Those of the behaviour's faults that strike. */
  readonly faults: readonly FaultUse[];
  readonly seed: number;
  /** Of the request, and so of the answer. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** An answer that is ready to be sent. */
export interface Exchange {
  readonly steps: Iterable<Step>;
  /** What it takes, in truth; undefined where a fault stands in its place. */
  readonly usage: Usage | undefined;
}

/** Answers a chat request in the codec's format. Throws SluiceError INVALID_REQUEST for wrong parameters of a fault. */
export function answerChat(codec: ChatDoorCodec, request: DecodedChatRequest, setting: ExchangeSetting): Exchange {
  const { generation, stream } = request;
  const strikes = setScenes(setting.faults, {
    ...groundOf(setting, codec.framing),
    dialect: CHAT_DIALECTS.find((name) => name === codec.dialect),
    stream,
    encodeError: (error) => codec.encodeError(error),
    errorFrames: (error) => codec.createStreamEncoder({ includeUsage: false }).encodeError(error),
  });
  const plan = changePlan(planAnswer(generation, setting.behaviour, setting.seed), strikes);
  const head: AnswerHead = {
    id: `chatcmpl-${setting.id}`,
    model: generation.model,
    createTime: timestampFromMs(setting.nowMs),
    logprobs: generation.logprobs === true ? (generation.topLogprobs ?? 0) : undefined,
  };
  const steps = stream
    ? streamSteps(changeFrames(planFrames(plan, { codec, head, includeUsage: request.includeUsage }), strikes), {
        setting,
        framing: codec.framing,
      })
    : bodySteps(codec.encodeResponse({ response: wholeAnswer(plan, head) }), plan.usage, { setting, strikes });
  return finishExchange(steps, plan.usage, strikes);
}

/** Answers an embedding request in the codec's format. Throws SluiceError INVALID_REQUEST for wrong parameters of a fault. */
export function answerEmbedding(
  codec: EmbeddingDoorCodec,
  { embedding, encoding }: DecodedEmbeddingRequest,
  setting: ExchangeSetting,
): Exchange {
  const strikes = setScenes(setting.faults, {
    ...groundOf(setting),
    stream: false,
    encodeError: (error) => codec.encodeError(error),
    errorFrames: () => [],
  });
  const usage = create(UsageSchema, { inputTokens: countInputTokens(embedding.inputs) });
  const reported = changeUsage(usage, strikes);
  const response = create(EmbedResponseSchema, {
    model: embedding.model,
    vectors: embedding.inputs.map((input, index) => ({
      index,
      values: embed(input, embedding.dimensions ?? DEFAULT_DIMENSIONS),
    })),
    ...(reported && { usage: reported }),
  });
  const steps = bodySteps(codec.encodeResponse({ response }, { encoding }), usage, { setting, strikes });
  return finishExchange(steps, usage, strikes);
}

/** Answers a request for a count of tokens. Throws SluiceError INVALID_REQUEST for wrong parameters of a fault. */
export function answerTokenCount(
  codec: TokenCountDoorCodec & { encodeError(error: SluiceError): string },
  { generation }: DecodedChatRequest,
  setting: ExchangeSetting,
): Exchange {
  const strikes = setScenes(setting.faults, {
    ...groundOf(setting),
    stream: false,
    encodeError: (error) => codec.encodeError(error),
    errorFrames: () => [],
  });
  const inputTokens = countPromptTokens(generation);
  // Counting costs nothing.
  const usage = create(UsageSchema, { inputTokens: 0 });
  const steps = bodySteps(codec.encodeResponse({ inputTokens }), usage, { setting, strikes });
  return finishExchange(steps, usage, strikes);
}

function groundOf(
  { nowMs }: ExchangeSetting,
  framing: StreamFraming = 'sse',
): Pick<SceneGround, 'nowMs' | 'dialect' | 'framing' | 'encodeFrames'> {
  return {
    nowMs,
    dialect: undefined,
    framing,
    encodeFrames: (frames) => Buffer.concat(frames.map(FRAMINGS[framing].encode)),
  };
}

/** How frames are written, and under which type. */
const FRAMINGS: Readonly<
  Record<StreamFraming, { readonly type: string; readonly encode: (frame: Frame) => Uint8Array }>
> = {
  sse: { type: 'text/event-stream; charset=utf-8', encode: (frame) => Buffer.from(encodeSseFrame(frame), 'utf8') },
  'aws-event-stream': { type: 'application/vnd.amazon.eventstream', encode: encodeAwsEventFrame },
};

function changePlan(plan: AnswerPlan, strikes: readonly Strike[]): AnswerPlan {
  const changed = strikes.reduce((current, { fault }) => fault.changePlan?.(current) ?? current, plan);
  return { ...changed, reported: changeUsage(changed.usage, strikes) };
}

function changeUsage(usage: Usage, strikes: readonly Strike[]): Usage | undefined {
  let reported: Usage | undefined = usage;
  for (const { fault } of strikes) if (fault.changeUsage !== undefined) reported = fault.changeUsage(reported);
  return reported;
}

interface FrameSource {
  readonly codec: ChatDoorCodec;
  readonly head: AnswerHead;
  readonly includeUsage: boolean;
}

/** The frames of a plan, made as they are needed. */
function* planFrames(plan: AnswerPlan, { codec, head, includeUsage }: FrameSource): Iterable<TimedFrame> {
  const encoder = codec.createStreamEncoder({ includeUsage });
  let tokens = 0;
  for (const timed of answerEvents(plan, head)) {
    tokens += timed.tokens;
    for (const frame of encoder.encode({ events: timed.events })) {
      yield { frame, tokens };
      tokens = 0;
    }
  }
}

function changeFrames(frames: Iterable<TimedFrame>, strikes: readonly Strike[]): Iterable<TimedFrame> {
  const changing = strikes.filter(({ fault }) => fault.changeFrames !== undefined);
  if (changing.length === 0) return frames;
  let changed: readonly TimedFrame[] = [...frames];
  for (const { fault, scene } of changing) changed = fault.changeFrames?.(changed, scene) ?? changed;
  return changed;
}

function* streamSteps(
  frames: Iterable<TimedFrame>,
  { setting, framing }: { readonly setting: ExchangeSetting; readonly framing: StreamFraming },
): Iterable<Step> {
  const { behaviour, id } = setting;
  const { type, encode } = FRAMINGS[framing];
  yield { kind: 'work', ms: behaviour.latencyMs, tokens: 0 };
  yield {
    kind: 'head',
    status: 200,
    headers: [['content-type', type], ['cache-control', 'no-cache'], ...idHeader(id)],
  };
  for (const { frame, tokens } of frames) {
    if (tokens > 0) yield makeTokens(tokens, behaviour);
    yield { kind: 'bytes', bytes: encode(frame) };
  }
  yield END;
}

function* bodySteps(
  text: string,
  usage: Usage,
  { setting, strikes }: { readonly setting: ExchangeSetting; readonly strikes: readonly Strike[] },
): Iterable<Step> {
  const changed = strikes.reduce((current, { fault, scene }) => fault.changeBody?.(current, scene) ?? current, text);
  const bytes = Buffer.from(changed, 'utf8');
  yield { kind: 'work', ms: setting.behaviour.latencyMs, tokens: 0 };
  yield makeTokens(usage.outputTokens ?? 0, setting.behaviour);
  yield {
    kind: 'head',
    status: 200,
    headers: [['content-type', 'application/json'], ['content-length', String(bytes.length)], ...idHeader(setting.id)],
  };
  yield { kind: 'bytes', bytes };
  yield END;
}

function makeTokens(tokens: number, { tokensPerSecond }: Behaviour): Step {
  return { kind: 'work', ms: (tokens / tokensPerSecond) * 1000, tokens };
}

function idHeader(id: string): HeaderList {
  return [['x-request-id', id]];
}

function finishExchange(steps: Iterable<Step>, usage: Usage, strikes: readonly Strike[]): Exchange {
  return {
    steps: strikes.reduce((current, { fault, scene }) => fault.changeSteps?.(current, scene) ?? current, steps),
    usage: strikes.some(({ fault }) => fault.replaces === true) ? undefined : usage,
  };
}
