import { type Generation, type Reasoning, ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { createLosses, type Losses } from '../losses.ts';
import { encodeConversation } from './encode-messages.ts';
import type { ModelTraits } from './model-traits.ts';
import { lacksThoughts } from './open-turn.ts';
import { EFFORT_OF_WORD, wordOf } from './wire.ts';

/** How thinking is asked for. */
export interface EncodedThinking {
  /** The thinking member; undefined where nothing is asked. */
  readonly thinking: JsonObject | undefined;
  /** Of output_config. */
  readonly effort: string | undefined;
  /** Tokens set aside for thoughts; 0 where the model decides. */
  readonly budget: number;
}

export interface ThinkingTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  /** A tool must be called: no model thinks then. */
  readonly forced: boolean;
}

const PATH = 'generation.reasoning';
const NOTHING: EncodedThinking = { thinking: undefined, effort: undefined, budget: 0 };

/** The least that the API takes. */
const MIN_BUDGET = 1024;

/** Where thinking is asked for and nothing is said of how much. */
const USUAL_BUDGET = 8192;

/** Tokens to think with, by effort; with the default of max_tokens they stay below what Claude 4 can make, 32,000. */
const BUDGET_OF_EFFORT: ReadonlyMap<ReasoningEffort, number> = new Map([
  [ReasoningEffort.MINIMAL, MIN_BUDGET],
  [ReasoningEffort.LOW, 2048],
  [ReasoningEffort.MEDIUM, 8192],
  [ReasoningEffort.HIGH, 15_360],
  [ReasoningEffort.XHIGH, 15_360],
  [ReasoningEffort.MAX, 15_360],
]);

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export function encodeThinking(generation: Generation, terms: ThinkingTerms): EncodedThinking {
  const { reasoning } = generation;
  const { losses, traits, forced } = terms;
  if (reasoning === undefined) return NOTHING;
  if (isOff(reasoning)) return turnOff(terms);
  if (traits.thinking === 'none') return dropped(losses, 'This model does not think.');
  if (traits.thinking === 'adaptive') return adaptive(reasoning, terms);
  if (forced) return dropped(losses, 'A model that must call a tool cannot think there.');
  const { turns } = encodeConversation(generation.messages, { losses: createLosses(), prefill: false });
  if (lacksThoughts(turns)) {
    return dropped(losses, 'A turn that calls tools must begin with its thoughts there, and they are not at hand.');
  }
  return withBudget(generation, reasoning, losses);
}

function isOff({ effort, budgetTokens }: Reasoning): boolean {
  return effort === ReasoningEffort.NONE || (effort === ReasoningEffort.UNSPECIFIED && budgetTokens === 0);
}

function dropped(losses: Losses, why: string): EncodedThinking {
  losses.dropped(PATH, why);
  return NOTHING;
}

/** Where thinking has to be asked for, nothing is said. */
function turnOff({ losses, traits }: ThinkingTerms): EncodedThinking {
  if (!traits.alwaysThinks)
    return traits.thinking === 'none' ? NOTHING : { ...NOTHING, thinking: { type: 'disabled' } };
  losses.approximated(PATH, 'This model always thinks; it is asked to think little.');
  return { ...NOTHING, effort: 'low' };
}

function adaptive(reasoning: Reasoning, { losses, traits, forced }: ThinkingTerms): EncodedThinking {
  const effort = effortWord(reasoning, traits, losses);
  if (forced) {
    losses.approximated(PATH, 'A model that must call a tool cannot think there; only the effort is sent.');
    return { ...NOTHING, effort };
  }
  const display = displayOf(reasoning, losses);
  return { thinking: { type: 'adaptive', ...(display && { display }) }, effort, budget: 0 };
}

function displayOf({ includeThoughts, summary }: Reasoning, losses: Losses): string | undefined {
  if (summary !== '' && summary !== 'auto') {
    losses.approximated(`${PATH}.summary`, 'How long a summary is cannot be said there.');
  }
  if (includeThoughts === undefined) return summary === '' ? undefined : 'summarized';
  return includeThoughts ? 'summarized' : 'omitted';
}

/** The most tokens of a budget that an effort stands for; above them it is high. */
const EFFORT_OF_BUDGET: readonly (readonly [number, string])[] = [
  [2048, 'low'],
  [8192, 'medium'],
];

function effortWord({ effort, budgetTokens }: Reasoning, traits: ModelTraits, losses: Losses): string | undefined {
  if (effort === ReasoningEffort.UNSPECIFIED) {
    if (budgetTokens === undefined) return undefined;
    const word = EFFORT_OF_BUDGET.find(([most]) => budgetTokens <= most)?.[1] ?? 'high';
    losses.approximated(`${PATH}.budget_tokens`, `${budgetTokens} tokens are sent as the effort "${word}".`);
    return word;
  }
  if (budgetTokens !== undefined) {
    losses.dropped(`${PATH}.budget_tokens`, 'This model takes an effort only, which is sent.');
  }
  const exact = wordOf(EFFORT_OF_WORD, effort);
  const word = exact === undefined ? 'low' : exact === 'xhigh' && !traits.xhigh ? 'high' : exact;
  if (word !== exact) losses.approximated(`${PATH}.effort`, `The effort is sent as "${word}".`);
  return word;
}

/** The budget must leave room for the answer within max_tokens, and be no less than the API takes. */
function withBudget({ maxOutputTokens }: Generation, reasoning: Reasoning, losses: Losses): EncodedThinking {
  const { budgetTokens, effort } = reasoning;
  const wanted = budgetTokens ?? BUDGET_OF_EFFORT.get(effort) ?? USUAL_BUDGET;
  const most = (maxOutputTokens ?? Number.POSITIVE_INFINITY) - 1;
  if (most < MIN_BUDGET) return dropped(losses, 'The limit of tokens leaves no room for thoughts.');
  const budget = Math.min(most, Math.max(MIN_BUDGET, wanted));
  if (budgetTokens === undefined) {
    losses.approximated(`${PATH}.effort`, `The effort is sent as a budget of ${budget} tokens.`);
  } else if (budget !== wanted) {
    losses.clamped(
      `${PATH}.budget_tokens`,
      `${budget} tokens are sent: at least ${MIN_BUDGET}, fewer than max_tokens.`,
    );
  }
  if (budgetTokens !== undefined && effort !== ReasoningEffort.UNSPECIFIED) {
    losses.dropped(`${PATH}.effort`, 'This model takes a budget only, which is sent.');
  }
  if (reasoning.summary !== '' && reasoning.summary !== 'auto') {
    losses.approximated(`${PATH}.summary`, 'How long a summary is cannot be said there.');
  }
  if (reasoning.includeThoughts === false) {
    losses.dropped(`${PATH}.include_thoughts`, 'Thoughts always come along there.');
  }
  return { thinking: { type: 'enabled', budget_tokens: budget }, effort: undefined, budget };
}
