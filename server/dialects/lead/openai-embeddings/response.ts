import { create } from '@bufbuild/protobuf';
import {
  type EmbedResponse,
  EmbedResponseSchema,
  type Vector,
  VectorSchema,
} from '../../../../gen/sluice/v1/embedding_service_pb.ts';
import { type Usage, UsageSchema, UsageSource } from '../../../../gen/sluice/v1/usage_pb.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { AttemptError } from '../../../errors/attempt-error.ts';
import type { DecodedResponse, VectorEncoding, WireBody } from '../../dialect.ts';
import { inBandError } from '../openai-error.ts';
import { countOf, parseAnswer, stringOf } from '../read-answer.ts';
import { vectorFromBase64, vectorToBase64 } from './vectors.ts';

/** https://platform.openai.com/docs/api-reference/embeddings/object */
export function decodeResponse(text: string): DecodedResponse<EmbedResponse> {
  const json = parseAnswer(text);
  if (json.error !== undefined && json.error !== null && !Array.isArray(json.data)) throw inBandError(json);
  if (!Array.isArray(json.data)) throw new AttemptError('MALFORMED', 'The answer has no data.');
  if (json.data.length === 0) throw new AttemptError('EMPTY_RESPONSE', 'The list of vectors is empty.');
  const usage = decodeUsage(json.usage);
  const response = create(EmbedResponseSchema, {
    vectors: json.data.map(decodeVector),
    model: stringOf(json.model),
    ...(usage === undefined ? {} : { usage }),
  });
  return { response, wire: { dialect: 'openai-embeddings', json, text } };
}

function decodeVector(item: JsonValue, position: number): Vector {
  const json = isJsonObject(item) ? item : {};
  const values = componentsOf(json.embedding);
  if (values === undefined) throw new AttemptError('MALFORMED', `data[${position}] has no vector.`);
  return create(VectorSchema, { index: countOf(json.index) ?? position, values });
}

function componentsOf(value: JsonValue | undefined): number[] | undefined {
  if (typeof value === 'string') return vectorFromBase64(value);
  return Array.isArray(value) && value.every((item: JsonValue) => typeof item === 'number') ? [...value] : undefined;
}

function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  const inputTokens = isJsonObject(value) ? (countOf(value.prompt_tokens) ?? countOf(value.total_tokens)) : undefined;
  return inputTokens === undefined ? undefined : create(UsageSchema, { inputTokens, source: UsageSource.PROVIDER });
}

/** The provider's own text where its vectors are written as the caller wants them; else converted or built. */
export function encodeResponse(
  { response, wire }: { readonly response: EmbedResponse; readonly wire?: WireBody },
  { encoding }: { readonly encoding: VectorEncoding },
): string {
  if (wire?.dialect !== 'openai-embeddings') return JSON.stringify(build(response, encoding));
  const data: readonly JsonValue[] = Array.isArray(wire.json.data) ? wire.json.data : [];
  const wanted = encoding === 'base64' ? 'string' : 'object';
  const asWanted = data.every((item) => isJsonObject(item) && typeof item.embedding === wanted);
  if (asWanted) return wire.text ?? JSON.stringify(wire.json);
  const converted = data.map((item, position) => ({
    ...(isJsonObject(item) ? item : {}),
    embedding: write(response.vectors[position]?.values ?? [], encoding),
  }));
  return JSON.stringify({ ...wire.json, data: converted });
}

function build(response: EmbedResponse, encoding: VectorEncoding): JsonObject {
  const tokens = response.usage?.inputTokens ?? 0;
  return {
    object: 'list',
    data: response.vectors.map(({ index, values }) => ({ object: 'embedding', index, embedding: write(values, encoding) })),
    model: response.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function write(values: readonly number[], encoding: VectorEncoding): JsonValue {
  return encoding === 'base64' ? vectorToBase64(values) : values;
}
