import type { ChatResponse, StreamChatResponse } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Decision, Warning } from '../../gen/sluice/v1/decision_pb.ts';
import type { Embedding, EmbedResponse } from '../../gen/sluice/v1/embedding_service_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import type { Usage } from '../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject } from '../core/json.ts';
import type { WireQuirks } from '../core/wire-quirks.ts';
import type { AttemptError } from '../errors/attempt-error.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import type { AnswerReach } from './answer-reach.ts';

/** The public wire formats that Sluice speaks. */
export type DialectName = ChatDialectName | 'openai-embeddings';

/** Those that have conversations. */
export type ChatDialectName = (typeof CHAT_DIALECTS)[number];

export const CHAT_DIALECTS = [
  'openai-chat',
  'openai-responses',
  'openai-completions',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere',
] as const;

/** How the frames of a stream lie in its body: server-sent events, or application/vnd.amazon.eventstream. */
export type StreamFraming = 'sse' | 'aws-event-stream';

/** A body as it came over the wire, kept beside its decoded form so that a call within one dialect loses nothing. */
export interface WireBody {
  readonly dialect: DialectName;
  readonly json: JsonObject;
  /** The text that json was parsed from. Absent for requests, which are always patched. */
  readonly text?: string;
  /** Of a request: the headers that belong to its format, those that ChatDoorCodec.headerNames lists. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One event of a canonical stream. */
export type ChatEvent = Exclude<StreamChatResponse['event'], { case: undefined }>;

/** What one frame of a stream decoded to, with the frame's own body where there is one. */
export interface StreamStep {
  readonly events: readonly ChatEvent[];
  readonly wire?: WireBody;
}

/** One frame of a stream: an SSE event, or a message of another framing. */
export interface Frame {
  /** The event's name; empty where the framing gives none. */
  readonly event: string;
  readonly data: string;
}

/** A request in a provider's format, to be put on the wire by server/upstream. */
export interface WireRequest {
  /** Below the provider's base URL, beginning with "/". */
  readonly path: string;
  /** Besides credentials and content-type. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  /** What the format could not carry as it was. */
  readonly warnings: readonly Warning[];
  /** The caller's names of tools by those that are sent, where any had to be changed; answers have the latter. */
  readonly toolNames?: ReadonlyMap<string, string>;
}

/** Where a request is encoded for. */
export interface EncodeTarget {
  /** The provider's name, a key of provider_options_json. */
  readonly provider: string;
  /** The model in the provider's words. */
  readonly model: string;
  readonly quirks: WireQuirks;
  /** The caller's own body. Used, patched, where its dialect is the encoder's; ignored otherwise. */
  readonly wire?: WireBody;
}

/** An answer in one piece: decoded, and as it came. */
export interface DecodedResponse<T> {
  readonly response: T;
  readonly wire: WireBody;
}

/** An answer with a status of 400 or more, or one that is not what was asked for. */
export interface HttpFailure {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, at most 64 KiB of it. */
  readonly text: string;
  /** When the headers came, in milliseconds since 1970; turns dates of Retry-After into waits. */
  readonly receivedAtMs: number;
}

/** The provider's side of a chat format: how Sluice calls a provider that speaks it. All functions are pure. */
export interface ChatProviderCodec {
  readonly dialect: DialectName;
  readonly framing: StreamFraming;
  /** stream: whether the answer shall be streamed. Usage is always asked for. */
  encodeRequest(generation: Generation, target: EncodeTarget & { readonly stream: boolean }): WireRequest;
  /** Throws AttemptError (MALFORMED, EMPTY_RESPONSE, or what an error object with status 200 says). */
  decodeResponse(text: string, quirks: WireQuirks): DecodedResponse<ChatResponse>;
  createStreamDecoder(quirks: WireQuirks): ChatStreamDecoder;
  decodeError(failure: HttpFailure): AttemptError;
  /** Where the format has a counter of its own. */
  readonly tokenCount?: TokenCountProviderCodec;
}

/** How a provider's own counter of tokens is asked. */
export interface TokenCountProviderCodec {
  encodeRequest(generation: Generation, target: EncodeTarget): WireRequest;
  /** Throws AttemptError MALFORMED. */
  decodeResponse(text: string): TokenCount;
}

/** How many tokens a prompt has, and the body that said so. */
export interface TokenCount {
  readonly inputTokens: number;
  /** Absent where the gateway estimated. */
  readonly wire?: WireBody;
}

/** Owns all state of one streamed answer. */
export interface ChatStreamDecoder {
  /** Decodes one frame. Throws AttemptError: MALFORMED, or what an in-band error says. */
  push(frame: Frame): StreamStep;
  /** To be called at the end of the body: the finish event. Throws AttemptError INTERRUPTED without a terminal marker. */
  end(): StreamStep;
  /** Whether the terminal marker has come. Frames after it may still bring usage. */
  readonly terminated: boolean;
  /** What the provider has said of usage so far. */
  readonly usage: Usage | undefined;
}

/** A chat request as a door decoded it. */
export interface DecodedChatRequest {
  readonly generation: Generation;
  /** What the body says of the caller's identity; the door merges headers into it. */
  readonly metadata: Metadata;
  readonly stream: boolean;
  /** Whether the caller wants usage at the end of a stream. */
  readonly includeUsage: boolean;
  readonly wire: WireBody;
}

/** What comes beside the body: of APIs that name the model and the kind of answer in their URL, and headers of the format. */
export interface RequestEnvelope {
  readonly model?: string;
  readonly stream?: boolean;
  /** Those that headerNames lists, as far as the caller sent them. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The caller's side of a chat format: how a door that offers it reads and answers. All functions are pure. */
export interface ChatDoorCodec {
  readonly dialect: DialectName;
  readonly framing: StreamFraming;
  /** Headers of the request that are part of the format, in lower case; they come in the envelope and go into WireBody. */
  readonly headerNames?: readonly string[];
  /** Throws SluiceError INVALID_REQUEST with param. Members that the format does not know pass. */
  decodeRequest(body: JsonObject, envelope?: RequestEnvelope): DecodedChatRequest;
  /** The answer's body, as JSON text. Within one dialect it is the provider's own text. */
  encodeResponse(answer: {
    readonly response: ChatResponse;
    readonly wire?: WireBody;
    /** The caller's body, for formats whose answers repeat it. */
    readonly asked?: JsonObject;
  }): string;
  createStreamEncoder(options: { readonly includeUsage: boolean; readonly asked?: JsonObject }): ChatStreamEncoder;
  /** The body of an error answer, as JSON text. */
  encodeError(error: SluiceError): string;
  /**
   * A frame of a stream that tells the Decision, given in ProtoJSON, and that the format's SDKs pass over. It goes out before
   * the terminal marker, only where the caller asks for it.
   */
  decisionFrame(decision: Decision, json: JsonObject): Frame;
  /** What of an answer of another format it can show: responseLosses and createStreamLosses tell of the rest. */
  readonly reach: AnswerReach;
  /** Where the format has a counter of tokens. */
  readonly tokenCount?: TokenCountDoorCodec;
}

/** The caller's side of a format's counter of tokens. */
export interface TokenCountDoorCodec {
  /** Throws SluiceError INVALID_REQUEST with param. */
  decodeRequest(body: JsonObject, envelope?: RequestEnvelope): DecodedChatRequest;
  /** The answer's body, as JSON text. */
  encodeResponse(count: TokenCount): string;
}

/** Owns the state of one streamed answer on its way to the caller. */
export interface ChatStreamEncoder {
  /** The frames of one step; after a finish event, the terminal marker too. */
  encode(step: StreamStep): readonly Frame[];
  /** The frames that end a broken stream: an error, never the terminal marker. */
  encodeError(error: SluiceError): readonly Frame[];
}

/** The provider's side of an embedding format. */
export interface EmbeddingProviderCodec {
  readonly dialect: DialectName;
  encodeRequest(embedding: Embedding, target: EncodeTarget): WireRequest;
  decodeResponse(text: string, quirks: WireQuirks): DecodedResponse<EmbedResponse>;
  decodeError(failure: HttpFailure): AttemptError;
}

/** How the caller wants vectors written. */
export type VectorEncoding = 'float' | 'base64';

export interface DecodedEmbeddingRequest {
  readonly embedding: Embedding;
  readonly metadata: Metadata;
  readonly encoding: VectorEncoding;
  readonly wire: WireBody;
}

/** The caller's side of an embedding format. */
export interface EmbeddingDoorCodec {
  readonly dialect: DialectName;
  decodeRequest(body: JsonObject, envelope?: RequestEnvelope): DecodedEmbeddingRequest;
  encodeResponse(
    answer: { readonly response: EmbedResponse; readonly wire?: WireBody },
    options: { readonly encoding: VectorEncoding },
  ): string;
  encodeError(error: SluiceError): string;
}
