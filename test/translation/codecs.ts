import {
  CHAT_DIALECTS,
  type ChatDialectName,
  type ChatDoorCodec,
  type ChatProviderCodec,
} from '../../server/dialects/dialect.ts';
import { chatDoorCodec, chatProviderCodec } from '../../server/dialects/registry.ts';

/** One format as a provider's, with names of models that it treats differently. */
export interface ProviderCase {
  readonly dialect: ChatDialectName;
  readonly codec: ChatProviderCodec;
  readonly models: readonly [string, ...string[]];
}

/** One format as a caller's. */
export interface DoorCase {
  readonly dialect: ChatDialectName;
  readonly codec: ChatDoorCodec;
}

const MODELS: Readonly<Record<ChatDialectName, readonly [string, ...string[]]>> = {
  'openai-chat': ['gpt-5'],
  'openai-responses': ['gpt-5'],
  'openai-completions': ['gpt-3.5-turbo-instruct'],
  'anthropic-messages': ['claude-sonnet-4-5', 'claude-opus-4-7', 'claude-3-haiku-20240307', 'other-model'],
  gemini: ['gemini-3-pro-preview', 'gemini-2.5-flash', 'gemini-1.5-pro', 'other-model'],
  'bedrock-converse': [
    'anthropic.claude-sonnet-4-5-20250929-v1:0',
    'anthropic.claude-opus-4-7',
    'amazon.nova-pro-v1:0',
    'meta.llama3-70b-instruct-v1:0',
  ],
  cohere: ['command-a-reasoning-08-2025', 'command-a-03-2025'],
};

export const PROVIDERS: readonly ProviderCase[] = CHAT_DIALECTS.map((dialect) => {
  const codec = chatProviderCodec(dialect);
  if (codec === undefined) throw new Error(`no provider codec for ${dialect}`);
  return { dialect, codec, models: MODELS[dialect] };
});

/** Every format, once for each of its models. */
export const TARGETS = PROVIDERS.flatMap(({ dialect, codec, models }) =>
  models.map((model) => ({ dialect, codec, model, title: `${dialect}, ${model}` })),
);

export const DOORS: readonly DoorCase[] = CHAT_DIALECTS.map((dialect) => ({ dialect, codec: chatDoorCodec(dialect) }));

export function doorOf(dialect: ChatDialectName): DoorCase {
  return { dialect, codec: chatDoorCodec(dialect) };
}

export const targetOf = (model: string, stream = false) => ({ provider: 'p', model, quirks: {}, stream });

/** A body as it goes over the wire: members without a value are gone. */
// biome-ignore lint/suspicious/noExplicitAny: foreign JSON, read without help of the code under test
export const onTheWire = (body: object): any => JSON.parse(JSON.stringify(body));
