import { create } from '@bufbuild/protobuf';
import { type Embedding, EmbeddingSchema } from '../../../gen/sluice/v1/embedding_service_pb.ts';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DecodedEmbeddingRequest, EncodeTarget, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { createLosses, type Losses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { providerPath } from '../provider-path.ts';
import {
  badField,
  MAX_UINT32,
  optionalInteger,
  optionalObjects,
  optionalStrings,
  type Place,
  pathOf,
  requiredName,
  requiredString,
  wrongField,
} from '../read-fields.ts';
import { DIALECT, EMBED_PATH } from './wire.ts';

/**
 * The body of POST /v2/embed. Throws SluiceError INVALID_REQUEST with param where a member that the format knows has a
 * wrong shape, and for pictures, which the contract has no vectors of. Members that it does not know pass, in wire.
 */
export function decodeRequest(json: JsonObject): DecodedEmbeddingRequest {
  const body: Place = { json, path: '' };
  const dimensions = optionalInteger(body, 'output_dimension', { min: 1, max: MAX_UINT32 });
  const texts = decodeTexts(body);
  const embedding = create(EmbeddingSchema, {
    model: requiredName(body, 'model'),
    inputs: texts.map((value) => ({ content: { case: 'text' as const, value } })),
    inputType: requiredName(body, 'input_type'),
    ...(dimensions !== undefined && { dimensions }),
  });
  const [type = 'float'] = optionalStrings(body, 'embedding_types') ?? [];
  const encoding = type === 'base64' ? type : 'float';
  return { embedding, metadata: create(MetadataSchema), encoding, wire: { dialect: DIALECT, json } };
}

function decodeTexts(body: Place): readonly string[] {
  const texts = optionalStrings(body, 'texts') ?? (optionalObjects(body, 'inputs') ?? []).map(inputText);
  if (texts.length > 0) return texts;
  throw wrongField('texts', 'an array of at least one string', body.json['texts']);
}

function inputText(input: Place): string {
  const entries = optionalObjects(input, 'content') ?? [];
  return entries
    .map((entry) => {
      if (requiredString(entry, 'type') === 'text') return requiredString(entry, 'text');
      throw badField(pathOf(entry, 'type'), 'only texts are embedded here');
    })
    .join('\n');
}

/**
 * The request for a provider that speaks Cohere's embedding API: the caller's own body of this format, patched, or one
 * encoded from the canonical form. Throws SluiceError INVALID_REQUEST for tokens, which are not taken there.
 */
export function encodeRequest(embedding: Embedding, target: EncodeTarget): WireRequest {
  const { quirks, model } = target;
  const losses = createLosses();
  const options = readProviderOptions({
    options: embedding.providerOptionsJson,
    path: 'embedding.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const own = target.wire?.dialect === DIALECT ? target.wire.json : undefined;
  const asked = own === undefined ? encodeEmbedding(embedding, options, losses) : { ...own, ...options };
  return {
    path: providerPath(quirks.paths?.embeddings ?? EMBED_PATH, model),
    body: applyFieldQuirks({ ...asked, model }, { quirks, losses, paths: CANONICAL_PATHS }),
    warnings: losses.warnings,
  };
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'texts', 'images', 'inputs', '__proto__']);

/** What texts are embedded for where the caller does not say: to be found. The API wants to be told. */
const DEFAULT_INPUT_TYPE = 'search_document';

function encodeEmbedding(embedding: Embedding, options: JsonObject, losses: Losses): JsonObject {
  const { inputs, dimensions, inputType, endUserId } = embedding;
  const texts = inputs.map(({ content }, index) => {
    if (content.case === 'text') return content.value;
    throw badField(`embedding.inputs[${index}]`, 'the provider of this model takes texts, not tokens');
  });
  if (endUserId !== '') losses.dropped('embedding.end_user_id', 'This format has no end_user_id.');
  if (inputType === '' && options['input_type'] === undefined) {
    losses.emulated('embedding.input_type', `The provider wants to know the use: "${DEFAULT_INPUT_TYPE}" is sent.`);
  }
  return {
    texts,
    input_type: inputType || DEFAULT_INPUT_TYPE,
    embedding_types: ['float'],
    output_dimension: dimensions,
    ...options,
  };
}

const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['texts', 'embedding.inputs'],
  ['output_dimension', 'embedding.dimensions'],
  ['input_type', 'embedding.input_type'],
]);
