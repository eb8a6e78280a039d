import { type Reasoning, ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { type ModelTraits, traitsOf } from './model-traits.ts';

const PATH = 'generation.reasoning';

/** The thinkingConfig; undefined where nothing is asked for. A level and a budget beside each other are refused. */
export function encodeThinking(
  reasoning: Reasoning | undefined,
  model: string,
  losses: Losses,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { thinking } = traitsOf(model);
  if (thinking.kind === 'none') {
    losses.dropped(PATH, 'The model does not think.');
    return undefined;
  }
  const amount =
    thinking.kind === 'level' ? withLevel(reasoning, thinking, losses) : withBudget(reasoning, thinking, losses);
  const config = { ...amount, ...shown(reasoning, losses) };
  return Object.keys(config).length === 0 ? undefined : config;
}

type Kind<K> = Extract<ModelTraits['thinking'], { kind: K }>;

const WORD_OF_LEVEL: ReadonlyMap<ReasoningEffort, string> = new Map([
  [ReasoningEffort.MINIMAL, 'MINIMAL'],
  [ReasoningEffort.LOW, 'LOW'],
  [ReasoningEffort.MEDIUM, 'MEDIUM'],
  [ReasoningEffort.HIGH, 'HIGH'],
]);

export function levelOfWord(word: string): ReasoningEffort | undefined {
  return [...WORD_OF_LEVEL].find(([, known]) => known === word.toUpperCase())?.[0];
}

/** Models with levels still take a budget, alone. */
function withLevel({ effort, budgetTokens }: Reasoning, { levels }: Kind<'level'>, losses: Losses): JsonObject {
  if (effort === ReasoningEffort.UNSPECIFIED) return budgetTokens === undefined ? {} : { thinkingBudget: budgetTokens };
  if (budgetTokens !== undefined) {
    losses.dropped(`${PATH}.budget_tokens`, 'The model takes an effort or a budget; the effort is sent.');
  }
  // The levels rise: the first that is enough, or the highest there is.
  const taken = levels.find((known) => known >= effort) ?? ReasoningEffort.HIGH;
  const word = WORD_OF_LEVEL.get(taken) ?? 'HIGH';
  if (taken < effort) losses.clamped(`${PATH}.effort`, `The most that the model knows is ${word}.`);
  else if (taken > effort) losses.approximated(`${PATH}.effort`, `The least that the model knows of it is ${word}.`);
  return { thinkingLevel: word };
}

/** As Google's own OpenAI-compatible door has it: https://ai.google.dev/gemini-api/docs/openai#thinking */
const BUDGET_OF_EFFORT: Readonly<Record<ReasoningEffort, number | undefined>> = {
  [ReasoningEffort.UNSPECIFIED]: undefined,
  [ReasoningEffort.NONE]: 0,
  [ReasoningEffort.MINIMAL]: 1024,
  [ReasoningEffort.LOW]: 1024,
  [ReasoningEffort.MEDIUM]: 8192,
  [ReasoningEffort.HIGH]: 24_576,
  [ReasoningEffort.XHIGH]: 24_576,
  [ReasoningEffort.MAX]: 32_768,
};

function withBudget({ effort, budgetTokens }: Reasoning, range: Kind<'budget'>, losses: Losses): JsonObject {
  const asked = budgetTokens ?? BUDGET_OF_EFFORT[effort];
  if (asked === undefined) return {};
  const least = asked === 0 && range.canBeOff ? 0 : range.min;
  const thinkingBudget = Math.min(Math.max(asked, least), range.max);
  if (budgetTokens !== undefined && effort !== ReasoningEffort.UNSPECIFIED) {
    losses.dropped(`${PATH}.effort`, 'The model takes a budget only, which is sent.');
  } else if (budgetTokens === undefined && effort !== ReasoningEffort.NONE) {
    losses.approximated(`${PATH}.effort`, `It is sent as a budget of ${thinkingBudget} tokens.`);
  }
  if (thinkingBudget !== asked && (budgetTokens !== undefined || asked === 0)) {
    const field = budgetTokens === undefined ? 'effort' : 'budget_tokens';
    losses.clamped(`${PATH}.${field}`, `The model's budgets go from ${least} to ${range.max} tokens.`);
  }
  return { thinkingBudget };
}

/** Thoughts come as summaries always, of a length that nobody chooses. */
function shown({ includeThoughts, summary }: Reasoning, losses: Losses): JsonObject {
  if (summary !== '' && summary !== 'auto') {
    losses.approximated(`${PATH}.summary`, 'Summaries have one length in this format.');
  }
  const wanted = includeThoughts ?? (summary === '' ? undefined : true);
  return wanted === undefined ? {} : { includeThoughts: wanted };
}
