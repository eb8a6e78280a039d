import type { Message } from '../../gen/sluice/v1/content_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import type { Embedding } from '../../gen/sluice/v1/embedding_service_pb.ts';
import { type Generation, ReasoningEffort } from '../../gen/sluice/v1/generation_pb.ts';
import type { Capability } from './model-facts.ts';

/** What routing looks at of a request. Members that cost something to make are made when they are read. */
export interface RequestView {
  readonly model: string;
  readonly stream: boolean;
  /** Without a tokenizer. */
  readonly estimatedInputTokens: number;
  /** Undefined where the request does not say. */
  readonly maxOutputTokens: number | undefined;
  readonly toolCount: number;
  readonly mediaTypes: readonly string[];
  readonly responseFormat: 'text' | 'json_object' | 'json_schema';
  readonly reasoningEffort: string;
  readonly messageCount: number;
  /** What the request asks of the model by itself. */
  readonly needs: readonly Capability[];
  /** The user's last words, for signals; cut. */
  readonly lastUserText: string;
}

/** How much of a text signals look at, in UTF-16 units. */
const TEXT_LIMIT = 4096;

/** The words of a reasoning effort, as requests spell them. */
const EFFORTS: Readonly<Record<ReasoningEffort, string>> = {
  [ReasoningEffort.UNSPECIFIED]: '',
  [ReasoningEffort.NONE]: 'none',
  [ReasoningEffort.MINIMAL]: 'minimal',
  [ReasoningEffort.LOW]: 'low',
  [ReasoningEffort.MEDIUM]: 'medium',
  [ReasoningEffort.HIGH]: 'high',
  [ReasoningEffort.XHIGH]: 'xhigh',
  [ReasoningEffort.MAX]: 'max',
};

/** About how many tokens a prompt has. */
export type EstimateTokens = (generation: Generation) => number;

export function viewGeneration(generation: Generation, stream: boolean, estimateTokens: EstimateTokens): RequestView {
  const format = generation.responseFormat?.kind.case;
  let tokens: number | undefined;
  let media: readonly string[] | undefined;
  let needs: readonly Capability[] | undefined;
  const view: RequestView = {
    model: generation.model,
    stream,
    get estimatedInputTokens() {
      tokens ??= estimateTokens(generation);
      return tokens;
    },
    maxOutputTokens: generation.maxOutputTokens,
    toolCount: generation.tools.length,
    get mediaTypes() {
      media ??= mediaTypesOf(generation.messages);
      return media;
    },
    responseFormat: format === 'jsonObject' ? 'json_object' : format === 'jsonSchema' ? 'json_schema' : 'text',
    reasoningEffort: EFFORTS[generation.reasoning?.effort ?? ReasoningEffort.UNSPECIFIED] ?? '',
    messageCount: generation.messages.length,
    get needs() {
      needs ??= needsOf(generation, view);
      return needs;
    },
    get lastUserText() {
      return lastUserText(generation.messages);
    },
  };
  return view;
}

/** Bytes in a token of text, about. */
const BYTES_PER_TOKEN = 4;

export function viewEmbedding(embedding: Embedding): RequestView {
  return {
    model: embedding.model,
    stream: false,
    get estimatedInputTokens() {
      return embedding.inputs.reduce((sum, { content }) => {
        if (content.case === 'tokens') return sum + content.value.ids.length;
        return sum + Math.ceil(Buffer.byteLength(content.value ?? '') / BYTES_PER_TOKEN);
      }, 0);
    },
    maxOutputTokens: 0,
    toolCount: 0,
    mediaTypes: [],
    responseFormat: 'text',
    reasoningEffort: '',
    messageCount: 0,
    needs: [],
    lastUserText: '',
  };
}

function needsOf(generation: Generation, { stream, mediaTypes, responseFormat }: RequestView): readonly Capability[] {
  const { reasoning, modalities, tools } = generation;
  const thinks = reasoning !== undefined && reasoning.effort !== ReasoningEffort.NONE && reasoning.budgetTokens !== 0;
  const has = (kind: string): boolean => mediaTypes.some((type) => type.startsWith(`${kind}/`));
  const asked: readonly (readonly [boolean, Capability])[] = [
    [tools.length > 0, 'tools'],
    [responseFormat === 'json_object', 'json_object'],
    [responseFormat === 'json_schema', 'json_schema'],
    [has('image'), 'vision'],
    [has('audio'), 'audio'],
    [has('application') || has('text'), 'documents'],
    [thinks, 'reasoning'],
    [stream, 'streaming'],
    [modalities.includes('audio'), 'audio_output'],
    [modalities.includes('image'), 'image_output'],
  ];
  return asked.flatMap(([isAsked, capability]) => (isAsked ? [capability] : []));
}

/** Kinds of parts with media, with the type that stands for one whose own is not known. */
const MEDIA_KINDS: Readonly<Record<string, string>> = {
  image: 'image/*',
  audio: 'audio/*',
  file: 'application/octet-stream',
};

function mediaTypesOf(messages: readonly Message[]): readonly string[] {
  const found = new Set<string>();
  for (const message of messages) {
    for (const outer of message.parts) {
      const inner = outer.kind.case === 'toolResult' ? outer.kind.value.parts : [];
      for (const { kind } of [outer, ...inner]) {
        if (kind.case !== 'image' && kind.case !== 'audio' && kind.case !== 'file') continue;
        const given = kind.value.source?.mediaType ?? '';
        // A picture sent as application/octet-stream is a picture all the same.
        const usual = MEDIA_KINDS[kind.case] ?? '';
        found.add(kind.case === 'file' || given.startsWith(`${kind.case}/`) ? given || usual : usual);
      }
    }
  }
  return [...found];
}

function lastUserText(messages: readonly Message[]): string {
  const last = messages.findLast((message) => message.role === Role.USER);
  const texts = (last?.parts ?? []).flatMap(({ kind }) => (kind.case === 'text' ? [kind.value.text] : []));
  return texts.join('\n').slice(0, TEXT_LIMIT);
}
