/** What a model behind the format takes of what the format knows. Sent all the same, the rest would be answered with 400. */
export interface ModelTraits {
  /**
   * How thinking is asked for: not at all; with a budget of tokens or adaptively (Anthropic); by an effort
   * (reasoning_effort, OpenAI); by reasoningConfig (Nova 2).
   */
  readonly thinking: 'none' | 'budget' | 'adaptive' | 'effort' | 'nova';
  /** temperature, topP and top_k are known there. */
  readonly sampling: boolean;
  /** temperature and topP may stand in one request. */
  readonly bothSamplings: boolean;
  /** Where top_k goes, as a path below additionalModelRequestFields; undefined where the model has none. */
  readonly topK: readonly string[] | undefined;
  readonly stopSequences: boolean;
  /** The choices of tools that can be made besides auto. */
  readonly toolChoices: ReadonlySet<'any' | 'tool'>;
  /** A tool's result can be marked as failed. */
  readonly resultStatus: boolean;
  /** Where prompts can be kept: nowhere, in messages and system alone, or in tools too. */
  readonly cachePoints: 'none' | 'messages' | 'all';
  /** Prompts can be kept for an hour. */
  readonly cacheHour: boolean;
  /** A last message of the assistant's is gone on from. */
  readonly prefill: boolean;
  /** What ids of calls look like there. */
  readonly toolIds: 'usual' | 'mistral';
  /** The stop text that ended an answer is told where it is asked for. */
  readonly tellsStop: boolean;
}

const ALL_CHOICES: ReadonlySet<'any' | 'tool'> = new Set(['any', 'tool']);
const NO_CHOICES: ReadonlySet<'any' | 'tool'> = new Set();

/** What a model of an unknown maker is taken for: nothing of one maker's own is sent to it. */
const UNKNOWN: ModelTraits = {
  thinking: 'none',
  sampling: true,
  bothSamplings: true,
  topK: undefined,
  stopSequences: true,
  toolChoices: ALL_CHOICES,
  resultStatus: true,
  cachePoints: 'all',
  cacheHour: false,
  prefill: true,
  toolIds: 'usual',
  tellsStop: false,
};

const OTHERS: ModelTraits = { ...UNKNOWN, resultStatus: false, cachePoints: 'none', prefill: false };

/**
 * Makers by what stands in the ids of their models, which inference profiles and ARNs repeat; those that have nothing to
 * go by (application inference profiles) are unknown.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
 */
const MAKERS: readonly (readonly [RegExp, (model: string) => ModelTraits])[] = [
  [/anthropic\.|claude/i, claudeTraits],
  [/amazon\.nova-2/i, () => ({ ...NOVA, thinking: 'nova' })],
  [/amazon\.nova/i, () => NOVA],
  [/openai\.gpt-oss/i, () => ({ ...OPENAI, sampling: true })],
  [/openai\./i, () => OPENAI],
  [/mistral\./i, () => ({ ...OTHERS, toolChoices: new Set(['any' as const]), toolIds: 'mistral' })],
  [/cohere\./i, () => ({ ...OTHERS, topK: ['k'], toolChoices: NO_CHOICES })],
  [/(?:meta|ai21|amazon\.titan|deepseek|writer|qwen|moonshot|minimax|google|nvidia|zai)[.-]/i, () => META],
];

const META: ModelTraits = { ...OTHERS, toolChoices: NO_CHOICES };
const NOVA: ModelTraits = {
  ...OTHERS,
  topK: ['inferenceConfig', 'topK'],
  resultStatus: true,
  cachePoints: 'messages',
  prefill: true,
};
const OPENAI: ModelTraits = { ...OTHERS, thinking: 'effort', sampling: false, stopSequences: false };

export function traitsOf(model: string): ModelTraits {
  return MAKERS.find(([pattern]) => pattern.test(model))?.[1](model) ?? UNKNOWN;
}

/** https://platform.claude.com/docs/en/about-claude/models/migration-guide */
function claudeTraits(model: string): ModelTraits {
  const version = claudeVersion(model);
  return {
    thinking: version < 3.7 ? 'none' : version < 4.6 ? 'budget' : 'adaptive',
    sampling: version < 4.7,
    bothSamplings: version < 4.1,
    topK: ['top_k'],
    stopSequences: true,
    toolChoices: version < 5.5 ? ALL_CHOICES : NO_CHOICES,
    resultStatus: true,
    cachePoints: version < 3.5 ? 'none' : 'all',
    cacheHour: version >= 4.5,
    prefill: version < 4.6,
    toolIds: 'usual',
    tellsStop: true,
  };
}

/** What a Claude whose version is not known is taken for: one that takes what all of the newest take. */
const NEWEST = 5;

/** As a number, 4.7 for 4-7. Dates are not taken for versions. */
function claudeVersion(model: string): number {
  const match = /claude-(?:instant-|[a-z]+-)?v?(\d{1,2})(?!\d)(?:[-.](\d)(?!\d))?/i.exec(model);
  return match === null ? NEWEST : Number(`${match[1]}.${match[2] ?? 0}`);
}
