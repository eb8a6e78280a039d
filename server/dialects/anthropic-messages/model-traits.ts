/** What a model takes of what the format knows. Sent all the same, the rest would be answered with 400. */
export interface ModelTraits {
  /** How thinking is asked for: not at all, with a budget of tokens, or adaptively with an effort. */
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** It always thinks and refuses to be told not to. */
  readonly alwaysThinks: boolean;
  /** temperature, top_p and top_k are known there. */
  readonly sampling: boolean;
  /** temperature and top_p may stand in one request. */
  readonly bothSamplings: boolean;
  /** Has the effort xhigh. */
  readonly xhigh: boolean;
  /** A last message of the assistant's is gone on from. */
  readonly prefill: boolean;
  /** Answers and tools' inputs can be held to a JSON Schema. */
  readonly structured: boolean;
  /** The most tokens asked for where the caller sets no limit. */
  readonly defaultMaxTokens: number;
}

/** The newest generation: what a Claude whose version is not known is taken for. */
const NEWEST = 99;

/**
 * By the model's name, which holds its version at Anthropic, Amazon and Google alike: claude-opus-4-7,
 * anthropic.claude-opus-4-6-v1:0, claude-sonnet-4-5@20250929, claude-3-7-sonnet-latest. Other makers' models behind this
 * format take what Claude 4 took. https://platform.claude.com/docs/en/about-claude/models/migration-guide
 */
export function traitsOf(model: string): ModelTraits {
  const version = versionOf(model);
  if (version === undefined) return OTHERS;
  const always = /claude-(?:fable|mythos)/i.test(model);
  return {
    thinking: version < 3.7 ? 'none' : version < 4.6 ? 'budget' : 'adaptive',
    alwaysThinks: always,
    sampling: version < 4.7,
    bothSamplings: version < 4.1,
    xhigh: version >= 4.7,
    prefill: version < 4.6,
    structured: version >= 4.1,
    // Claude 3 made at most 4096 tokens; later ones make 32,000 and more. 16,384 take no longer than callers wait.
    defaultMaxTokens: version < 3.7 ? 4096 : 16_384,
  };
}

const OTHERS: ModelTraits = {
  thinking: 'budget',
  alwaysThinks: false,
  sampling: true,
  bothSamplings: true,
  xhigh: false,
  prefill: true,
  structured: true,
  defaultMaxTokens: 4096,
};

/** As a number, 4.7 for 4-7; undefined for models that are no Claude. Dates are not taken for versions. */
function versionOf(model: string): number | undefined {
  if (!/claude/i.test(model)) return undefined;
  const match = /claude-(?:instant-|[a-z]+-)?v?(\d{1,2})(?!\d)(?:[-.](\d)(?!\d))?/i.exec(model);
  return match === null ? NEWEST : Number(`${match[1]}.${match[2] ?? 0}`);
}
