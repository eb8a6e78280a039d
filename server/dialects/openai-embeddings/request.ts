import { create } from '@bufbuild/protobuf';
import {
  type Embedding,
  type EmbeddingInput,
  EmbeddingInputSchema,
  EmbeddingSchema,
} from '../../../gen/sluice/v1/embedding_service_pb.ts';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { DecodedEmbeddingRequest, EncodeTarget, VectorEncoding, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { createLosses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { providerPath } from '../provider-path.ts';
import {
  badField,
  MAX_UINT32,
  optionalInteger,
  optionalString,
  type Place,
  requiredName,
  wrongField,
} from '../read-fields.ts';
import { DIALECT, EMBEDDINGS_PATH } from './wire.ts';

/**
 * The body of POST /v1/embeddings. Throws SluiceError INVALID_REQUEST with param where a member that the format knows
 * has a wrong shape; null is as absent. Members that it does not know pass, in wire.
 */
export function decodeRequest(json: JsonObject): DecodedEmbeddingRequest {
  const body: Place = { json, path: '' };
  const dimensions = optionalInteger(body, 'dimensions', { min: 1, max: MAX_UINT32 });
  const embedding = create(EmbeddingSchema, {
    model: requiredName(body, 'model'),
    inputs: decodeInputs(json['input']),
    endUserId: optionalString(body, 'user') ?? '',
    ...(dimensions !== undefined && { dimensions }),
  });
  return {
    embedding,
    metadata: create(MetadataSchema),
    encoding: decodeEncoding(body),
    wire: { dialect: DIALECT, json },
  };
}

function decodeEncoding(body: Place): VectorEncoding {
  const format = optionalString(body, 'encoding_format') ?? 'float';
  if (format === 'float' || format === 'base64') return format;
  throw wrongField('encoding_format', 'float or base64', format);
}

/** The contract's bound; OpenAI's own is 2048. */
const MAX_INPUTS = 4096;
const MAX_TOKENS = 65_536;

/** One text, several texts, one list of tokens, or several. */
function decodeInputs(input: JsonValue | undefined): EmbeddingInput[] {
  if (typeof input === 'string') return [textInput(input)];
  if (!Array.isArray(input) || input.length === 0) {
    throw wrongField('input', 'a string or an array of at least one string, token or array of tokens', input);
  }
  if (typeof input[0] === 'number') return [tokenInput(input, 'input')];
  if (input.length > MAX_INPUTS) throw badField('input', `it has more than ${MAX_INPUTS} inputs`);
  return typeof input[0] === 'string'
    ? input.map(textAt)
    : input.map((item, index) => tokenInput(item, `input[${index}]`));
}

function textInput(value: string): EmbeddingInput {
  return create(EmbeddingInputSchema, { content: { case: 'text', value } });
}

function textAt(item: JsonValue, index: number): EmbeddingInput {
  if (typeof item === 'string') return textInput(item);
  throw wrongField(`input[${index}]`, 'a string, as the first input', item);
}

function tokenInput(list: JsonValue, path: string): EmbeddingInput {
  if (!Array.isArray(list) || list.length === 0) throw wrongField(path, 'an array of at least one token', list);
  if (list.length > MAX_TOKENS) throw badField(path, `it has more than ${MAX_TOKENS} tokens`);
  const ids = list.map((id: JsonValue, index) => {
    if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= MAX_UINT32) return id;
    throw wrongField(`${path}[${index}]`, 'a token, which is an integer from 0', id);
  });
  return create(EmbeddingInputSchema, { content: { case: 'tokens', value: { ids } } });
}

/**
 * The request for a provider that speaks this format: the caller's own body of this format, patched, or one encoded
 * from the canonical form. Throws SluiceError INVALID_REQUEST for texts and tokens side by side.
 */
export function encodeRequest(embedding: Embedding, target: EncodeTarget): WireRequest {
  const { quirks } = target;
  const losses = createLosses();
  const own = target.wire?.dialect === DIALECT ? target.wire.json : undefined;
  if (own === undefined && embedding.inputType !== '') {
    losses.dropped('embedding.input_type', 'This format has no input_type.');
  }
  const options = readProviderOptions({
    options: embedding.providerOptionsJson,
    path: 'embedding.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const { encoding_format, ...asked } = { ...(own ?? encodeEmbedding(embedding)), ...options };
  // Where only floats are made, the door writes them as the caller wants them.
  const format = quirks.floatEmbeddingsOnly === true || encoding_format === undefined ? {} : { encoding_format };
  return {
    path: providerPath(quirks.paths?.embeddings ?? EMBEDDINGS_PATH, target.model),
    body: applyFieldQuirks({ ...asked, ...format, model: target.model }, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
  };
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'input', '__proto__']);

function encodeEmbedding({ inputs, dimensions, endUserId }: Embedding): JsonObject {
  return { input: encodeInputs(inputs), dimensions, user: endUserId || undefined };
}

function encodeInputs(inputs: readonly EmbeddingInput[]): JsonValue {
  const texts = inputs.flatMap(({ content }) => (content.case === 'text' ? [content.value] : []));
  const tokens = inputs.flatMap(({ content }) => (content.case === 'tokens' ? [content.value.ids] : []));
  if (texts.length > 0 && tokens.length > 0) {
    throw badField('embedding.inputs', 'this format takes texts or tokens, not both in one request');
  }
  const [first = '', ...others] = texts.length > 0 ? texts : tokens;
  return others.length === 0 ? first : [first, ...others];
}

const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['input', 'embedding.inputs'],
  ['dimensions', 'embedding.dimensions'],
  ['user', 'embedding.end_user_id'],
]);
