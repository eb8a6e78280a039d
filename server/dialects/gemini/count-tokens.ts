import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type {
  DecodedChatRequest,
  EncodeTarget,
  RequestEnvelope,
  TokenCount,
  TokenCountDoorCodec,
  TokenCountProviderCodec,
  WireRequest,
} from '../dialect.ts';
import { createLosses, type Losses } from '../losses.ts';
import { countOf, objectOf, parseAnswer } from '../read-answer.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeBody, fitForeign } from './encode-request.ts';
import { optionalMessage, protoMembers } from './proto-members.ts';
import { DIALECT, METHOD_PATHS, modelPath, plainModel } from './wire.ts';

// https://ai.google.dev/api/tokens: a prompt is given as contents, or with all that belongs to it as a
// generateContentRequest. Vertex AI knows the contents only, and has the rest beside them.

/** How a provider's counter is asked. */
export const tokenCountProvider: TokenCountProviderCodec = { encodeRequest: encodeCount, decodeResponse };

/** How a door offers the counter. */
export const tokenCountDoor: TokenCountDoorCodec = { decodeRequest: decodeCount, encodeResponse };

/** The members of a prompt, of which the tokens are counted. */
const COUNTED = ['contents', 'systemInstruction', 'tools'] as const;

function encodeCount(generation: Generation, target: EncodeTarget): WireRequest {
  const losses = createLosses();
  const own = target.wire?.dialect === DIALECT ? target.wire.json : undefined;
  return {
    path: modelPath(target.quirks.paths?.countTokens ?? METHOD_PATHS.countTokens, target.model),
    body: own === undefined ? countBody(foreignBody(generation, target, losses), target) : withModel(own, target),
    warnings: losses.warnings,
  };
}

function foreignBody(generation: Generation, target: EncodeTarget, losses: Losses): JsonObject {
  return encodeBody(fitForeign(generation, target, losses).generation, target, losses);
}

function countBody(body: JsonObject, target: EncodeTarget): JsonObject {
  const given = COUNTED.filter((name) => body[name] !== undefined).map((name) => [name, body[name]] as const);
  const prompt = Object.fromEntries(given);
  // A path of its own is Vertex AI's.
  const flat = given.length === 1 || target.quirks.paths?.countTokens !== undefined;
  return flat ? prompt : { generateContentRequest: { model: resourceOf(target), ...prompt } };
}

/** The caller's own body; the request within it names the model once more. */
function withModel(own: JsonObject, target: EncodeTarget): JsonObject {
  const { model: _, ...body } = own;
  const name = ['generateContentRequest', 'generate_content_request'].find((key) => objectOf(own[key]) !== undefined);
  if (name === undefined) return body;
  return { ...body, [name]: { ...objectOf(own[name]), model: resourceOf(target) } };
}

function resourceOf({ model }: EncodeTarget): string {
  return `models/${plainModel(model)}`;
}

function decodeResponse(text: string): TokenCount {
  const json = parseAnswer(text);
  const inputTokens = countOf(json['totalTokens']);
  if (inputTokens === undefined) throw new AttemptError('MALFORMED', 'The provider sent no count of tokens.');
  return { inputTokens, wire: { dialect: DIALECT, json, text } };
}

function decodeCount(json: JsonObject, envelope?: RequestEnvelope): DecodedChatRequest {
  const inner = optionalMessage(protoMembers({ json, path: '' }), 'generateContentRequest');
  const decoded = decodeRequest(inner?.json ?? json, { ...envelope, stream: false });
  return { ...decoded, wire: { dialect: DIALECT, json } };
}

function encodeResponse({ inputTokens, wire }: TokenCount): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  return JSON.stringify({ totalTokens: inputTokens });
}
