import type { JsonObject } from '../core/json.ts';
import type {
  ChatDoorCodec,
  DecodedChatRequest,
  DecodedEmbeddingRequest,
  RequestEnvelope,
} from '../dialects/dialect.ts';
import { type BehaviourSettings, decideBehaviour, plainModel, type RequestHeaders } from './behaviour.ts';
import type { SimulatorDoor } from './doors.ts';
import { answerChat, answerEmbedding, answerTokenCount, type Exchange } from './exchange.ts';
import type { FaultDice } from './fault-dice.ts';

/** A request as a function in the options sees it. */
export interface SimulatedRequest {
  /** From 1, in the order in which requests came. */
  readonly requestNumber: number;
  readonly path: string;
  /** As the caller wrote it, with its query. */
  readonly model: string;
  readonly stream: boolean;
  /** Names in lower case. */
  readonly headers: RequestHeaders;
  readonly body: JsonObject;
}

export interface GenerateDeps {
  readonly seed: number;
  readonly defaults: BehaviourSettings;
  readonly behaviour: (request: SimulatedRequest) => BehaviourSettings;
  readonly dice: FaultDice;
}

/** What came over HTTP. */
export type Received = Pick<SimulatedRequest, 'requestNumber' | 'path' | 'headers' | 'body'> & {
  /** What the path says. */
  readonly address: RequestEnvelope;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
};

/** An answer with the model that it comes from, without its query. */
export interface Generated {
  readonly exchange: Exchange;
  readonly model: string;
}

/** Reads a request and makes its answer. Throws SluiceError for what is wrong with the request. */
export function generate(deps: GenerateDeps, door: SimulatorDoor, received: Received): Generated {
  if (door.kind === 'chat') {
    const decoded = door.codec.decodeRequest(received.body, envelopeOf(door.codec, received));
    const model = plainModel(decoded.generation.model);
    const setting = settingOf(deps, received, { model: decoded.generation.model, stream: decoded.stream });
    return { exchange: answerChat(door.codec, renameChat(decoded, model), setting), model };
  }
  if (door.kind === 'token-count') {
    const decoded = door.codec.decodeRequest(received.body, received.address);
    const { model } = decoded.generation;
    const setting = settingOf(deps, received, { model, stream: false });
    return { exchange: answerTokenCount(door.codec, decoded, setting), model: plainModel(model) };
  }
  const decoded = door.codec.decodeRequest(received.body, received.address);
  const model = plainModel(decoded.embedding.model);
  const setting = settingOf(deps, received, { model: decoded.embedding.model, stream: false });
  return { exchange: answerEmbedding(door.codec, renameEmbedding(decoded, model), setting), model };
}

/** The path's words, with the headers that belong to the format. */
function envelopeOf({ headerNames = [] }: ChatDoorCodec, { address, headers }: Received): RequestEnvelope {
  const own = headerNames.flatMap((name) => {
    const value = headers[name]?.toString();
    return value === undefined ? [] : [[name, value] as const];
  });
  return own.length === 0 ? address : { ...address, headers: Object.fromEntries(own) };
}

function renameChat(decoded: DecodedChatRequest, model: string): DecodedChatRequest {
  return { ...decoded, generation: { ...decoded.generation, model } };
}

function renameEmbedding(decoded: DecodedEmbeddingRequest, model: string): DecodedEmbeddingRequest {
  return { ...decoded, embedding: { ...decoded.embedding, model } };
}

function settingOf(
  { seed, defaults, behaviour: own, dice }: GenerateDeps,
  { nowMs, address: _address, ...received }: Received,
  asked: { readonly model: string; readonly stream: boolean },
) {
  const { headers, requestNumber } = received;
  const behaviour = decideBehaviour({ headers, model: asked.model }, defaults, own({ ...received, ...asked }));
  const faults = dice.roll(behaviour, asked.model);
  return { behaviour, faults, seed, nowMs, id: `sim-${String(requestNumber).padStart(8, '0')}` };
}
