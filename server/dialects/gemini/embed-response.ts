import { create } from '@bufbuild/protobuf';
import {
  type EmbedResponse,
  EmbedResponseSchema,
  type Vector,
  VectorSchema,
} from '../../../gen/sluice/v1/embedding_service_pb.ts';
import { UsageSchema, UsageSource } from '../../../gen/sluice/v1/usage_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse, WireBody } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, parseAnswer } from '../read-answer.ts';
import { inBandError } from './error.ts';
import { DIALECT } from './wire.ts';

/** One vector or several. Throws AttemptError: MALFORMED, EMPTY_RESPONSE without any, or what an error object says. */
export function decodeEmbedResponse(text: string): DecodedResponse<EmbedResponse> {
  const json = parseAnswer(text);
  if (isComplaint(json)) throw inBandError(json);
  const { embedding, embeddings } = json;
  const list: readonly JsonValue[] = Array.isArray(embeddings)
    ? embeddings
    : embedding === undefined
      ? []
      : [embedding];
  if (list.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no vector.');
  const inputTokens = countOf(objectOf(json['usageMetadata'])?.['promptTokenCount']);
  const usage =
    inputTokens === undefined ? undefined : create(UsageSchema, { inputTokens, source: UsageSource.PROVIDER });
  const response = create(EmbedResponseSchema, { vectors: list.map(vectorOf), ...(usage && { usage }) });
  return { response, wire: { dialect: DIALECT, json, text } };
}

function vectorOf(item: JsonValue, index: number): Vector {
  const values = objectOf(item)?.['values'];
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) {
    throw new AttemptError('MALFORMED', 'The provider sent an embedding that is no vector.');
  }
  return create(VectorSchema, { index, values });
}

interface Answer {
  readonly response: EmbedResponse;
  readonly wire?: WireBody;
}

/** The answer of …:embedContent as JSON text: the provider's own where it is one, else built. */
export function encodeEmbedResponse({ response, wire }: Answer): string {
  const own = ownText(wire, 'embedding');
  return own ?? JSON.stringify({ embedding: valuesOf(response.vectors[0]), ...usageOf(response) });
}

/** The answer of …:batchEmbedContents. */
export function encodeBatchEmbedResponse({ response, wire }: Answer): string {
  const own = ownText(wire, 'embeddings');
  return own ?? JSON.stringify({ embeddings: response.vectors.map(valuesOf), ...usageOf(response) });
}

function ownText(wire: WireBody | undefined, member: string): string | undefined {
  return wire?.dialect === DIALECT && wire.json[member] !== undefined ? wire.text : undefined;
}

function valuesOf(vector: Vector | undefined): JsonObject {
  return { values: vector?.values ?? [] };
}

function usageOf({ usage }: EmbedResponse): JsonObject {
  const promptTokenCount = usage?.inputTokens;
  return promptTokenCount === undefined ? {} : { usageMetadata: { promptTokenCount } };
}
