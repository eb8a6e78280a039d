import { create } from '@bufbuild/protobuf';
import {
  type Generation,
  GenerationSchema,
  type Reasoning,
  ReasoningEffort,
  ReasoningSchema,
  Verbosity,
} from '../../../../gen/sluice/v1/generation_pb.ts';
import type { Part } from '../../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { DecodedChatRequest } from '../../dialect.ts';
import { readOpenAiMetadata } from '../openai-metadata.ts';
import { itemMembers, itemString, type Members, readMembers } from '../read-members.ts';
import { decodeMessage } from './decode-messages.ts';
import { decodeFunction, decodeResponseFormat, decodeStop, decodeTool, decodeToolChoice } from './decode-tools.ts';
import { textPart } from './parts.ts';
import { EFFORT_WORDS, VERBOSITY_WORDS } from './words.ts';

/** https://platform.openai.com/docs/api-reference/chat/create */
export function decodeRequest(body: JsonObject): DecodedChatRequest {
  const request = readMembers(body);
  const model = request.requiredString('model');
  if (model === '') throw request.wrong('model', 'the name of a model');
  const messages = request.requiredArray('messages').map(decodeMessage);
  if (messages.length === 0) throw request.wrong('messages', 'an array of at least one message');
  const generation = create(GenerationSchema, {
    model,
    messages,
    tools: [
      ...(request.array('tools') ?? []).map(decodeTool),
      ...(request.array('functions') ?? []).map((item) => decodeFunction(itemMembers(item))),
    ],
    stop: decodeStop(request),
    modalities: (request.array('modalities') ?? []).map(itemString),
    prediction: decodePrediction(request),
    verbosity: VERBOSITY_WORDS.get(request.string('verbosity') ?? '') ?? Verbosity.UNSPECIFIED,
    serviceTier: request.string('service_tier') ?? '',
    promptCacheKey: request.string('prompt_cache_key') ?? '',
    endUserId: request.string('safety_identifier') ?? request.string('user') ?? '',
    logitBias: decodeLogitBias(request),
    ...present(readScalars(request)),
    ...present({
      toolChoice: decodeToolChoice(request),
      responseFormat: decodeResponseFormat(request),
      reasoning: decodeReasoning(request),
    }),
  });
  const audio = request.object('audio');
  if (audio !== undefined) {
    generation.audioOutput = {
      $typeName: 'sluice.v1.AudioOutput',
      // A voice may be an object naming a voice of the caller's own; that travels in the body alone.
      voice: typeof audio.json.voice === 'string' ? audio.json.voice : '',
      format: audio.requiredString('format'),
    };
  }
  return {
    generation,
    metadata: readOpenAiMetadata(request),
    stream: request.boolean('stream') ?? false,
    includeUsage: request.object('stream_options')?.boolean('include_usage') ?? false,
    wire: { dialect: 'openai-chat', json: body },
  };
}

function readScalars(request: Members) {
  const maxTokens =
    request.integer('max_completion_tokens', { min: 1, max: 2 ** 32 - 1 }) ??
    request.integer('max_tokens', { min: 1, max: 2 ** 32 - 1 });
  const seed = request.integer('seed');
  return {
    maxOutputTokens: maxTokens,
    temperature: request.number('temperature', { min: 0, max: 2 }),
    topP: request.number('top_p', { min: 0, max: 1 }),
    topK: request.integer('top_k', { min: -1, max: 2 ** 31 - 1 }) === -1 ? undefined : request.integer('top_k'),
    frequencyPenalty: request.number('frequency_penalty', { min: -2, max: 2 }),
    presencePenalty: request.number('presence_penalty', { min: -2, max: 2 }),
    seed: seed === undefined ? undefined : BigInt(seed),
    n: request.integer('n', { min: 1, max: 128 }),
    logprobs: request.boolean('logprobs'),
    topLogprobs: request.integer('top_logprobs', { min: 0, max: 20 }),
    parallelToolCalls: request.boolean('parallel_tool_calls'),
    store: request.boolean('store'),
  };
}

/** Without the members that are undefined: an unset field is absent, not undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

function decodeReasoning(request: Members): Reasoning | undefined {
  const word = request.string('reasoning_effort');
  const effort = EFFORT_WORDS.get(word ?? '');
  return effort === undefined || effort === ReasoningEffort.UNSPECIFIED ? undefined : create(ReasoningSchema, { effort });
}

function decodeLogitBias(request: Members): Generation['logitBias'] {
  const bias = request.object('logit_bias');
  if (bias === undefined) return {};
  return Object.fromEntries(
    Object.keys(bias.json).map((token) => [token, bias.number(token, { min: -100, max: 100 }) ?? 0]),
  );
}

/** prediction.content: a string or an array of text parts. */
function decodePrediction(request: Members): Part[] {
  const prediction = request.object('prediction');
  if (prediction === undefined) return [];
  const { content } = prediction.json;
  if (typeof content === 'string') return [textPart(content)];
  return prediction.requiredArray('content').map((item) => textPart(itemMembers(item).requiredString('text')));
}
