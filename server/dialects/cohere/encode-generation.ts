import { type Generation, type Reasoning, ReasoningEffort, Verbosity } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { encodeFormat } from './encode-format.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeSampling } from './encode-sampling.ts';
import { encodeTools } from './encode-tools.ts';

export interface GenerationTerms {
  readonly losses: Losses;
  /** Thinking can be asked of the model. */
  readonly canThink: boolean;
  /** It takes pictures. */
  readonly canSee: boolean;
}

/** A request body of what the caller asked, without model and stream. Members without a value are undefined. */
export function encodeGeneration(generation: Generation, terms: GenerationTerms): JsonObject {
  const { losses } = terms;
  noteAbsentFields(generation, losses);
  const documents: JsonObject[] = [];
  const messages = encodeMessages(generation.messages, { ...terms, documents });
  const tools = encodeTools(generation, losses);
  const plain = tools['tools'] === undefined && documents.length === 0;
  const { format, instruction } = encodeFormat(generation.responseFormat, plain, losses);
  return {
    messages: instruction === '' ? messages : [{ role: 'system', content: instruction }, ...messages],
    documents: documents.length === 0 ? undefined : documents,
    ...tools,
    ...encodeSampling(generation, losses),
    response_format: format,
    thinking: generation.reasoning && encodeThinking(generation.reasoning, terms),
  };
}

const REASONING = 'generation.reasoning';

/** Tokens to think with, by effort; above them nothing bounds them. */
const BUDGET_OF_EFFORT: ReadonlyMap<ReasoningEffort, number> = new Map([
  [ReasoningEffort.MINIMAL, 512],
  [ReasoningEffort.LOW, 2048],
  [ReasoningEffort.MEDIUM, 8192],
]);

/** https://docs.cohere.com/docs/reasoning */
function encodeThinking(reasoning: Reasoning, { losses, canThink }: GenerationTerms): JsonObject | undefined {
  const { effort, budgetTokens, includeThoughts, summary } = reasoning;
  if (includeThoughts === false) losses.dropped(`${REASONING}.include_thoughts`, 'Thoughts always come along there.');
  if (summary !== '') losses.dropped(`${REASONING}.summary`, 'This format has no summaries of thoughts.');
  const off = effort === ReasoningEffort.NONE || (effort === ReasoningEffort.UNSPECIFIED && budgetTokens === 0);
  if (!canThink) {
    if (!off) losses.dropped(REASONING, 'This model does not think.');
    return undefined;
  }
  if (off) return { type: 'disabled' };
  if (budgetTokens !== undefined) {
    if (effort !== ReasoningEffort.UNSPECIFIED) {
      losses.dropped(`${REASONING}.effort`, 'This format has a budget only, which is sent.');
    }
    return { type: 'enabled', token_budget: budgetTokens };
  }
  if (effort === ReasoningEffort.UNSPECIFIED) return { type: 'enabled' };
  const budget = BUDGET_OF_EFFORT.get(effort);
  losses.approximated(
    `${REASONING}.effort`,
    budget === undefined
      ? 'The effort is sent as thinking without a bound.'
      : `The effort is sent as ${budget} tokens.`,
  );
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) };
}

/** Notes what the format has no member for. */
function noteAbsentFields(generation: Generation, losses: Losses): void {
  const present: readonly (readonly [string, boolean])[] = [
    ['n', (generation.n ?? 1) > 1],
    ['top_logprobs', (generation.topLogprobs ?? 0) > 0],
    ['logit_bias', Object.keys(generation.logitBias).length > 0],
    ['modalities', generation.modalities.some((modality) => modality !== 'text')],
    ['audio_output', generation.audioOutput !== undefined],
    ['verbosity', generation.verbosity !== Verbosity.UNSPECIFIED],
    ['prediction', generation.prediction.length > 0],
    ['service_tier', generation.serviceTier !== '' && generation.serviceTier !== 'auto'],
    ['prompt_cache_key', generation.promptCacheKey !== ''],
    ['end_user_id', generation.endUserId !== ''],
    ['store', generation.store === true],
  ];
  for (const [field, lost] of present) {
    if (lost) losses.dropped(`generation.${field}`, `This format has no ${field}.`);
  }
}
