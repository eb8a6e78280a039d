import { create } from '@bufbuild/protobuf';
import {
  type Embedding,
  type EmbeddingInput,
  EmbeddingInputSchema,
  EmbeddingSchema,
} from '../../../../gen/sluice/v1/embedding_service_pb.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { applyQuirks } from '../apply-quirks.ts';
import type { DecodedEmbeddingRequest, EncodeTarget, VectorEncoding, WireRequest } from '../../dialect.ts';
import { createLossLog } from '../loss-log.ts';
import { readOpenAiMetadata } from '../openai-metadata.ts';
import { providerOptions } from '../provider-options.ts';
import { type Item, type Members, readMembers, wrongShape } from '../read-members.ts';

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export function decodeRequest(body: JsonObject): DecodedEmbeddingRequest {
  const request = readMembers(body);
  const model = request.requiredString('model');
  if (model === '') throw request.wrong('model', 'the name of a model');
  const dimensions = request.integer('dimensions', { min: 1, max: 2 ** 31 - 1 });
  const embedding = create(EmbeddingSchema, {
    model,
    inputs: decodeInputs(request),
    inputType: typeof body.input_type === 'string' ? body.input_type : '',
    endUserId: request.string('user') ?? '',
    ...(dimensions === undefined ? {} : { dimensions }),
  });
  return {
    embedding,
    metadata: readOpenAiMetadata(request),
    encoding: decodeEncoding(request),
    wire: { dialect: 'openai-embeddings', json: body },
  };
}

function decodeEncoding(request: Members): VectorEncoding {
  const word = request.string('encoding_format') ?? 'float';
  if (word !== 'float' && word !== 'base64') throw request.wrong('encoding_format', 'float or base64');
  return word;
}

/** input: a text, texts, tokens, or lists of tokens. */
function decodeInputs(request: Members): EmbeddingInput[] {
  const { input } = request.json;
  if (typeof input === 'string') return [textInput(input)];
  const expected = 'a string, an array of strings, an array of tokens or an array of those';
  if (!Array.isArray(input) || input.length === 0) throw request.wrong('input', expected);
  if (input.every((item: JsonValue) => typeof item === 'number')) return [tokenInput({ path: 'input', value: input })];
  return request.requiredArray('input').map((item) =>
    typeof item.value === 'string' ? textInput(item.value) : tokenInput(item),
  );
}

function textInput(text: string): EmbeddingInput {
  return create(EmbeddingInputSchema, { content: { case: 'text', value: text } });
}

function tokenInput({ path, value }: Item): EmbeddingInput {
  const isToken = (item: JsonValue): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= 0 && item < 2 ** 32;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isToken)) {
    throw wrongShape(path, 'a string or an array of tokens', value);
  }
  return create(EmbeddingInputSchema, { content: { case: 'tokens', value: { ids: [...value] } } });
}

/** The request for a provider: the caller's own body patched where it is of this format, else built. */
export function encodeRequest(embedding: Embedding, target: EncodeTarget): WireRequest {
  const losses = createLossLog();
  const { quirks, wire } = target;
  const own = wire?.dialect === 'openai-embeddings' ? wire.json : build(embedding);
  const body = {
    ...applyQuirks(own, quirks, losses),
    ...providerOptions(embedding.providerOptionsJson, { dialect: 'openai-embeddings', provider: target.provider }),
    model: target.model,
    // The door writes vectors as the caller wants them, so this is no loss.
    ...(quirks.floatEmbeddingsOnly === true ? { encoding_format: undefined } : {}),
  };
  return { path: quirks.paths?.embeddings ?? '/embeddings', body, warnings: losses.warnings };
}

function build(embedding: Embedding): JsonObject {
  const inputs = embedding.inputs.map(({ content }): JsonValue =>
    content.case === 'tokens' ? content.value.ids : (content.value ?? ''),
  );
  const only = inputs[0];
  return {
    input: inputs.length === 1 && only !== undefined ? only : inputs,
    encoding_format: 'float',
    ...(embedding.dimensions === undefined ? {} : { dimensions: embedding.dimensions }),
    ...(embedding.inputType === '' ? {} : { input_type: embedding.inputType }),
    ...(embedding.endUserId === '' ? {} : { user: embedding.endUserId }),
  };
}
