import { create } from '@bufbuild/protobuf';
import {
  type EmbedResponse,
  EmbedResponseSchema,
  type Vector,
  VectorSchema,
} from '../../../gen/sluice/v1/embedding_service_pb.ts';
import type { JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { AttemptError } from '../../errors/attempt-error.ts';
import type { DecodedResponse, VectorEncoding, WireBody } from '../dialect.ts';
import { listOf, parseAnswer } from '../read-answer.ts';
import { inBandError } from './error.ts';
import { decodeEmbedUsage } from './usage.ts';
import { decodeVector, encodeVector } from './vectors.ts';
import { DIALECT } from './wire.ts';

/** Kinds of vectors, the most exact first: of several, one is taken. */
const TYPES = ['float', 'base64', 'int8', 'uint8', 'binary', 'ubinary'] as const;

/**
 * Vectors, given by type. Throws AttemptError: MALFORMED, EMPTY_RESPONSE without any vector, or what an error object that
 * came instead of them says.
 */
export function decodeResponse(text: string): DecodedResponse<EmbedResponse> {
  const json = parseAnswer(text);
  const { embeddings } = json;
  if (embeddings === undefined) {
    if (typeof json['message'] === 'string') throw inBandError(json);
    throw new AttemptError('MALFORMED', 'The provider sent an answer without embeddings.');
  }
  const vectors = listed(embeddings).map(vectorOf);
  if (vectors.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The provider sent no vector.');
  const usage = decodeEmbedUsage(json['meta']);
  const response = create(EmbedResponseSchema, { vectors, ...(usage && { usage }) });
  return { response, wire: { dialect: DIALECT, json, text } };
}

/** Answers that are not by type are a list of float vectors. */
function listed(embeddings: JsonValue): readonly JsonValue[] {
  if (!isJsonObject(embeddings)) return listOf(embeddings);
  const type = TYPES.find((name) => listOf(embeddings[name]).length > 0);
  return type === undefined ? [] : listOf(embeddings[type]);
}

function vectorOf(value: JsonValue, index: number): Vector {
  const values = decodeVector(value);
  if (values === undefined) throw new AttemptError('MALFORMED', 'The provider sent an embedding that is no vector.');
  return create(VectorSchema, { index, values: [...values] });
}

/** The answer as JSON text: the provider's own where it is of this format, else built from the canonical form. */
export function encodeResponse(
  { response, wire }: { readonly response: EmbedResponse; readonly wire?: WireBody },
  { encoding }: { readonly encoding: VectorEncoding },
): string {
  if (wire?.dialect === DIALECT && wire.text !== undefined) return wire.text;
  const { vectors, usage } = response;
  const written = vectors.map(({ values }) => (encoding === 'base64' ? encodeVector(values) : values));
  const tokens = usage?.inputTokens;
  return JSON.stringify({
    id: '',
    embeddings: { [encoding]: written },
    meta: {
      api_version: { version: '2' },
      ...(tokens !== undefined && { billed_units: { input_tokens: tokens } }),
    },
    response_type: 'embeddings_by_type',
  });
}
