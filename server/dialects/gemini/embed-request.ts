import { create } from '@bufbuild/protobuf';
import {
  type Embedding,
  type EmbeddingInput,
  EmbeddingInputSchema,
  EmbeddingSchema,
} from '../../../gen/sluice/v1/embedding_service_pb.ts';
import { MetadataSchema } from '../../../gen/sluice/v1/metadata_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import type { DecodedEmbeddingRequest, EncodeTarget, RequestEnvelope, WireRequest } from '../dialect.ts';
import { applyFieldQuirks } from '../field-quirks.ts';
import { createLosses } from '../losses.ts';
import { readProviderOptions } from '../provider-options.ts';
import { objectsOf } from '../read-answer.ts';
import {
  badField,
  MAX_UINT32,
  optionalInteger,
  optionalString,
  type Place,
  pathOf,
  requiredString,
  wrongField,
} from '../read-fields.ts';
import { asMessage, optionalMessages, protoMembers } from './proto-members.ts';
import { DIALECT, METHOD_PATHS, modelPath, plainModel } from './wire.ts';

// https://ai.google.dev/api/embeddings

/** The contract's bound; Google's own is 100. */
const MAX_INPUTS = 4096;

/** The body of …:embedContent, one input. Throws SluiceError INVALID_REQUEST. */
export function decodeEmbedRequest(json: JsonObject, envelope?: RequestEnvelope): DecodedEmbeddingRequest {
  return decodedOf(json, envelope, [protoMembers({ json, path: '' })]);
}

/** The body of …:batchEmbedContents, several inputs. Throws SluiceError INVALID_REQUEST where they want different vectors. */
export function decodeBatchEmbedRequest(json: JsonObject, envelope?: RequestEnvelope): DecodedEmbeddingRequest {
  const requests = optionalMessages(protoMembers({ json, path: '' }), 'requests') ?? [];
  if (requests.length === 0) throw wrongField('requests', 'an array of at least one request', json['requests']);
  if (requests.length > MAX_INPUTS) throw badField('requests', `it has more than ${MAX_INPUTS} requests`);
  return decodedOf(json, envelope, requests);
}

function decodedOf(
  json: JsonObject,
  envelope: RequestEnvelope = {},
  requests: readonly Place[],
): DecodedEmbeddingRequest {
  const model = envelope.model ?? '';
  if (model === '') throw wrongField('model', 'a model in the URL', undefined);
  const dimensions = sameOf(requests, 'outputDimensionality', (place, key) =>
    optionalInteger(place, key, { min: 1, max: MAX_UINT32 }),
  );
  const embedding = create(EmbeddingSchema, {
    model,
    inputs: requests.map(inputOf),
    inputType: inputTypeOf(sameOf(requests, 'taskType', optionalString) ?? ''),
    ...(dimensions !== undefined && { dimensions }),
  });
  return { embedding, metadata: create(MetadataSchema), encoding: 'float', wire: { dialect: DIALECT, json } };
}

/** A setting that holds for all inputs of a call. */
function sameOf<T>(requests: readonly Place[], key: string, read: (place: Place, key: string) => T): T | undefined {
  const [first, ...others] = requests.map((place) => read(place, key));
  const at = others.findIndex((value) => value !== first);
  if (at < 0) return first;
  throw badField(`requests[${at + 1}].${key}`, 'it must be the same in all requests');
}

function inputOf(place: Place): EmbeddingInput {
  const content = asMessage(place.json['content'], pathOf(place, 'content'));
  const parts = optionalMessages(content, 'parts') ?? [];
  if (parts.length === 0)
    throw wrongField(pathOf(content, 'parts'), 'an array of at least one part', content.json['parts']);
  const value = parts.map((part) => requiredString(part, 'text')).join('');
  return create(EmbeddingInputSchema, { content: { case: 'text', value } });
}

const TYPE_OF_TASK: ReadonlyMap<string, string> = new Map([
  ['RETRIEVAL_QUERY', 'search_query'],
  ['RETRIEVAL_DOCUMENT', 'search_document'],
  ['TASK_TYPE_UNSPECIFIED', ''],
]);

const TASK_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ['query', 'RETRIEVAL_QUERY'],
  ['document', 'RETRIEVAL_DOCUMENT'],
  ...[...TYPE_OF_TASK].map(([task, type]): [string, string] => [type, task]).filter(([type]) => type !== ''),
]);

function inputTypeOf(task: string): string {
  return TYPE_OF_TASK.get(task) ?? task.toLowerCase();
}

/**
 * The request for a provider of this format: the caller's own body, patched, or one encoded from the canonical form, for one
 * input or in a batch. Throws SluiceError UNSUPPORTED_PARAMETER for inputs that are tokens.
 */
export function encodeEmbedRequest(embedding: Embedding, target: EncodeTarget): WireRequest {
  const losses = createLosses();
  const options = readProviderOptions({
    options: embedding.providerOptionsJson,
    path: 'embedding.provider_options_json',
    keys: [DIALECT, target.provider],
    reserved: RESERVED,
    losses,
  });
  const own = target.wire?.dialect === DIALECT ? target.wire.json : undefined;
  if (own === undefined && embedding.endUserId !== '') {
    losses.dropped('embedding.end_user_id', 'This format has no end users.');
  }
  const requests = (own === undefined ? encodeInputs(embedding) : ownRequests(own)).map((request) =>
    applyFieldQuirks({ ...request, ...options }, { quirks: target.quirks, losses, paths: CANONICAL_PATHS }),
  );
  const [only, ...others] = requests;
  const single = others.length === 0 && own?.['requests'] === undefined;
  const model = `models/${plainModel(target.model)}`;
  const method = single ? METHOD_PATHS.embedContent : METHOD_PATHS.batchEmbedContents;
  return {
    path: modelPath(target.quirks.paths?.embeddings ?? method, target.model),
    body: single ? { ...only } : { ...own, requests: requests.map((request) => ({ ...request, model })) },
    warnings: losses.warnings,
  };
}

const RESERVED: ReadonlySet<string> = new Set(['model', 'content', 'requests', '__proto__']);

const CANONICAL_PATHS: ReadonlyMap<string, string> = new Map([
  ['taskType', 'embedding.input_type'],
  ['outputDimensionality', 'embedding.dimensions'],
]);

/** The caller's own requests without the model, which is the caller's name for it. */
function ownRequests(own: JsonObject): JsonObject[] {
  const list = own['requests'] === undefined ? [own] : objectsOf(own['requests']);
  return list.map(({ model: _, ...request }) => request);
}

function encodeInputs({ inputs, dimensions, inputType }: Embedding): JsonObject[] {
  const taskType = inputType === '' ? undefined : (TASK_OF_TYPE.get(inputType) ?? inputType.toUpperCase());
  return inputs.map(({ content }, index) => {
    if (content.case === 'text') {
      const parts: JsonValue = [{ text: content.value }];
      return { content: { parts }, taskType, outputDimensionality: dimensions };
    }
    const param = `embedding.inputs[${index}]`;
    throw new SluiceError('UNSUPPORTED_PARAMETER', 'The provider of this model embeds texts, not tokens.', {
      param,
      metadata: { field: param },
    });
  });
}
