import { create } from '@bufbuild/protobuf';
import {
  type EmbedResponse,
  EmbedResponseSchema,
  type Vector,
  VectorSchema,
} from '../../../gen/sluice/v1/embedding_service_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse, VectorEncoding, WireBody } from '../dialect.ts';
import { isComplaint } from '../provider-complaint.ts';
import { countOf, objectOf, parseAnswer, stringOf } from '../read-answer.ts';
import { inBandError } from './error.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { decodeVector, encodeVector } from './vector-text.ts';
import { DIALECT } from './wire.ts';

/**
 * Vectors, given as arrays or as base64. Throws AttemptError: MALFORMED, EMPTY_RESPONSE without any vector, or what an
 * error object that came instead of them says.
 */
export function decodeResponse(text: string): DecodedResponse<EmbedResponse> {
  const json = parseAnswer(text);
  const { data } = json;
  if (!Array.isArray(data)) {
    if (isComplaint(json)) throw inBandError(json);
    throw new AttemptError('MALFORMED', 'The provider sent an answer without data.');
  }
  if (data.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no vector.');
  const usage = decodeUsage(json['usage']);
  const vectors = data.map(vectorOf).sort((left, right) => left.index - right.index);
  const response = create(EmbedResponseSchema, { vectors, model: stringOf(json['model']), ...(usage && { usage }) });
  return { response, wire: { dialect: DIALECT, json, text } };
}

function vectorOf(item: JsonValue, position: number): Vector {
  const json = objectOf(item);
  const values = json && valuesOf(json['embedding']);
  if (values === undefined) throw new AttemptError('MALFORMED', 'The provider sent an embedding that is no vector.');
  return create(VectorSchema, { index: countOf(json?.['index']) ?? position, values });
}

function valuesOf(embedding: JsonValue | undefined): number[] | undefined {
  if (typeof embedding === 'string') return decodeVector(embedding);
  if (!Array.isArray(embedding)) return undefined;
  return embedding.every((value) => typeof value === 'number') ? embedding : undefined;
}

/**
 * The answer as JSON text, with vectors as the caller asked for them: the provider's own text where they are so
 * already, else the same with the vectors rewritten, or built from the canonical form.
 */
export function encodeResponse(
  { response, wire }: { readonly response: EmbedResponse; readonly wire?: WireBody },
  { encoding }: { readonly encoding: VectorEncoding },
): string {
  const own = wire?.dialect === DIALECT ? wire : undefined;
  const data = own?.json['data'];
  if (own !== undefined && Array.isArray(data)) {
    if (own.text !== undefined && data.every((item) => isWritten(item, encoding))) return own.text;
    return JSON.stringify({ ...own.json, data: data.map((item) => rewritten(item, encoding)) });
  }
  return JSON.stringify({
    object: 'list',
    data: response.vectors.map(({ index, values }) => ({
      object: 'embedding',
      index,
      embedding: written(values, encoding),
    })),
    model: response.model,
    usage: encodeUsage(response.usage),
  });
}

function isWritten(item: JsonValue, encoding: VectorEncoding): boolean {
  return typeof objectOf(item)?.['embedding'] === (encoding === 'base64' ? 'string' : 'object');
}

function rewritten(item: JsonValue, encoding: VectorEncoding): JsonValue {
  const json = objectOf(item);
  const values = json && valuesOf(json['embedding']);
  return json === undefined || values === undefined
    ? item
    : ({ ...json, embedding: written(values, encoding) } satisfies JsonObject);
}

function written(values: readonly number[], encoding: VectorEncoding): JsonValue {
  return encoding === 'base64' ? encodeVector(values) : values;
}
