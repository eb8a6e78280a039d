import { type Message, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { type Generation, type Reasoning, ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { isOwn } from './encode-spot.ts';
import type { ModelTraits } from './model-traits.ts';

/** How thinking is asked for: each maker has members of its own below additionalModelRequestFields. */
export interface EncodedThinking {
  readonly fields: JsonObject;
  /** The model was told to think: some settings are refused beside that. */
  readonly on: boolean;
  /** Tokens set aside for thoughts; 0 where the model decides. */
  readonly budget: number;
}

export interface ThinkingTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  /** A tool must be called: no Claude thinks then. */
  readonly forced: boolean;
}

const PATH = 'generation.reasoning';
const NOTHING: EncodedThinking = { fields: {}, on: false, budget: 0 };

export function encodeThinking(generation: Generation, terms: ThinkingTerms): EncodedThinking {
  const { reasoning } = generation;
  const { losses, traits } = terms;
  if (reasoning === undefined) return NOTHING;
  if (reasoning.includeThoughts === false) {
    losses.dropped(`${PATH}.include_thoughts`, 'Thoughts come along where the model gives them.');
  }
  if (reasoning.summary !== '') losses.dropped(`${PATH}.summary`, 'How long a summary is cannot be said there.');
  if (isOff(reasoning)) return turnOff(terms);
  switch (traits.thinking) {
    case 'none':
      return dropped(losses, 'Thinking cannot be asked of this model.');
    case 'effort':
      return { ...NOTHING, fields: { reasoning_effort: effortWord(reasoning, losses, OPENAI_WORDS) } };
    case 'nova':
      return novaThinking(generation, reasoning, losses);
    case 'adaptive':
      return adaptive(reasoning, terms);
    case 'budget':
      return withBudget(generation, reasoning, terms);
  }
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
  if (traits.thinking === 'adaptive') return { ...NOTHING, fields: { thinking: { type: 'disabled' } } };
  if (traits.thinking !== 'effort') return NOTHING;
  losses.approximated(PATH, 'This model always thinks; it is asked to think little.');
  return { ...NOTHING, fields: { reasoning_effort: 'low' } };
}

type EffortWords = ReadonlyMap<ReasoningEffort, string>;

const OPENAI_WORDS: EffortWords = new Map([
  [ReasoningEffort.LOW, 'low'],
  [ReasoningEffort.MEDIUM, 'medium'],
  [ReasoningEffort.HIGH, 'high'],
]);
/** https://platform.claude.com/docs/en/build-with-claude/effort */
const CLAUDE_WORDS: EffortWords = new Map([...OPENAI_WORDS, [ReasoningEffort.MAX, 'max']]);

/** The most tokens of a budget that an effort stands for; above them it is high. */
const EFFORT_OF_BUDGET: readonly (readonly [number, string])[] = [
  [2048, 'low'],
  [8192, 'medium'],
];

function effortWord({ effort, budgetTokens }: Reasoning, losses: Losses, words: EffortWords): string {
  if (effort === ReasoningEffort.UNSPECIFIED) {
    const word = EFFORT_OF_BUDGET.find(([most]) => (budgetTokens ?? 8192) <= most)?.[1] ?? 'high';
    if (budgetTokens !== undefined) {
      losses.approximated(`${PATH}.budget_tokens`, `${budgetTokens} tokens are sent as the effort "${word}".`);
    }
    return word;
  }
  if (budgetTokens !== undefined) {
    losses.dropped(`${PATH}.budget_tokens`, 'This model takes an effort only, which is sent.');
  }
  const exact = words.get(effort);
  const word = exact ?? (effort < ReasoningEffort.LOW ? 'low' : 'high');
  if (exact === undefined) losses.approximated(`${PATH}.effort`, `The effort is sent as "${word}".`);
  return word;
}

/** Nova's highest effort is refused beside limits and sampling. */
function novaThinking(generation: Generation, reasoning: Reasoning, losses: Losses): EncodedThinking {
  const asked = effortWord(reasoning, losses, OPENAI_WORDS);
  const { maxOutputTokens, temperature, topP } = generation;
  const bounded = [maxOutputTokens, temperature, topP].some((value) => value !== undefined);
  const maxReasoningEffort = asked === 'high' && bounded ? 'medium' : asked;
  if (maxReasoningEffort !== asked) {
    losses.approximated(`${PATH}.effort`, 'The effort is sent as "medium": "high" takes no limits and no sampling.');
  }
  return { ...NOTHING, fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort } } };
}

function adaptive(reasoning: Reasoning, { losses, forced }: ThinkingTerms): EncodedThinking {
  const said = reasoning.effort !== ReasoningEffort.UNSPECIFIED || reasoning.budgetTokens !== undefined;
  const effort = said ? { output_config: { effort: effortWord(reasoning, losses, CLAUDE_WORDS) } } : {};
  if (!forced) return { fields: { thinking: { type: 'adaptive' }, ...effort }, on: true, budget: 0 };
  losses.approximated(PATH, 'A model that must call a tool cannot think there; only the effort is sent.');
  return { ...NOTHING, fields: effort };
}

/** The least that is taken. */
const MIN_BUDGET = 1024;

/** Tokens to think with, by effort. */
const BUDGET_OF_EFFORT: ReadonlyMap<ReasoningEffort, number> = new Map([
  [ReasoningEffort.MINIMAL, MIN_BUDGET],
  [ReasoningEffort.LOW, 2048],
  [ReasoningEffort.MEDIUM, 8192],
  [ReasoningEffort.HIGH, 15_360],
  [ReasoningEffort.XHIGH, 15_360],
  [ReasoningEffort.MAX, 15_360],
]);

/** The budget must leave room for the answer within maxTokens, and be no less than is taken. */
function withBudget(generation: Generation, reasoning: Reasoning, { losses, forced }: ThinkingTerms): EncodedThinking {
  if (forced) return dropped(losses, 'A model that must call a tool cannot think there.');
  if (lacksThoughts(generation.messages)) {
    return dropped(losses, 'A turn that calls tools must begin with its thoughts there, and they are not at hand.');
  }
  const { budgetTokens, effort } = reasoning;
  const wanted = budgetTokens ?? BUDGET_OF_EFFORT.get(effort) ?? 8192;
  if (budgetTokens === undefined && effort !== ReasoningEffort.UNSPECIFIED) {
    losses.approximated(`${PATH}.effort`, `The effort is sent as a budget of ${wanted} tokens.`);
  } else if (effort !== ReasoningEffort.UNSPECIFIED) {
    losses.dropped(`${PATH}.effort`, 'This model takes a budget only, which is sent.');
  }
  const most = (generation.maxOutputTokens ?? Number.POSITIVE_INFINITY) - 1;
  if (most < MIN_BUDGET) return dropped(losses, 'The limit of tokens leaves no room for thoughts.');
  const budget = Math.min(most, Math.max(MIN_BUDGET, wanted));
  if (budgetTokens !== undefined && budget !== wanted) {
    const bounds = `at least ${MIN_BUDGET}, and fewer than the limit`;
    losses.clamped(`${PATH}.budget_tokens`, `${budget} tokens are sent: ${bounds}.`);
  }
  return { fields: { thinking: { type: 'enabled', budget_tokens: budget } }, on: true, budget };
}

/** Whether the turn that is going on called tools without thoughts of this format: since the last words of the user's. */
function lacksThoughts(messages: readonly Message[]): boolean {
  const asked = messages.findLastIndex(
    ({ role, parts }) => role === Role.USER && parts.some(({ kind }) => kind.case !== 'toolResult'),
  );
  const turn = messages.slice(asked + 1).filter(({ role }) => role === Role.ASSISTANT);
  const first = turn.flatMap(({ parts }) => parts)[0];
  const proven =
    first?.kind.case === 'reasoning' && isOwn(first) && (first.signature || first.kind.value.redactedData) !== '';
  return turn.length > 0 && !proven;
}
