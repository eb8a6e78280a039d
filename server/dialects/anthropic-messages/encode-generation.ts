import { hash } from 'node:crypto';
import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { Losses } from '../losses.ts';
import { limitCacheMarks } from './cache-marks.ts';
import { encodeFormat } from './encode-format.ts';
import { encodeConversation } from './encode-messages.ts';
import { encodeSampling, noteAbsentFields } from './encode-sampling.ts';
import { type EncodedThinking, encodeThinking } from './encode-thinking.ts';
import { encodeTools, isForced } from './encode-tools.ts';
import { type ModelTraits, traitsOf } from './model-traits.ts';
import { TIER_OF_WORD, wordOf } from './wire.ts';

export interface EncodeTerms {
  /** The model in the provider's words. */
  readonly model: string;
  readonly quirks: WireQuirks;
  readonly losses: Losses;
}

/** A request body of what the caller asked, without model and stream. Members without a value are undefined. */
export function encodeGeneration(generation: Generation, terms: EncodeTerms): JsonObject {
  const { losses } = terms;
  const { body, thinking, traits } = encodePrompt(generation, terms);
  noteAbsentFields(generation, losses);
  return {
    max_tokens: maxTokens(generation, { thinking, traits, losses }),
    ...body,
    ...encodeSampling(generation, { thinking, traits, losses }),
    metadata: generation.endUserId === '' ? undefined : { user_id: userId(generation.endUserId, losses) },
    service_tier: tierOf(generation.serviceTier, losses),
  };
}

/** What counts as the prompt, and what the rest of the request depends on. */
interface EncodedPrompt {
  readonly body: JsonObject;
  readonly thinking: EncodedThinking;
  readonly traits: ModelTraits;
}

/** The members that a count of tokens takes: conversation, tools, thinking and the answer's form. */
export function encodePrompt(generation: Generation, { model, quirks, losses }: EncodeTerms): EncodedPrompt {
  const traits = traitsOf(model);
  const asked = encodeTools(generation, { losses, traits });
  const { tools, choice, format, instruction } = encodeFormat(generation, asked, { losses, traits, quirks });
  const thinking = encodeThinking(generation, { losses, traits, forced: isForced(choice) });
  const prefill = traits.prefill && thinking.budget === 0;
  const { system, turns } = encodeConversation(generation.messages, { losses, prefill });
  const output = { effort: thinking.effort, format };
  const body = limitCacheMarks(
    {
      system: systemMember([...system, ...(instruction === '' ? [] : [{ type: 'text', text: instruction }])]),
      messages: turns.map(({ role, content }) => ({ role, content: contentMember(content) })),
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: choice,
      thinking: thinking.thinking,
      output_config: thinking.effort === undefined && format === undefined ? undefined : output,
    },
    losses,
  );
  return { body, thinking, traits };
}

function systemMember(blocks: readonly JsonObject[]): JsonObject['system'] {
  return blocks.length === 0 ? undefined : contentMember(blocks);
}

/** One plain text is written as a string, which every server of this format understands. */
function contentMember(blocks: readonly JsonObject[]): JsonObject['content'] {
  const [first, ...others] = blocks;
  const plain = others.length === 0 && first !== undefined && Object.keys(first).length === 2;
  return plain && first['type'] === 'text' && typeof first['text'] === 'string' ? first['text'] : blocks;
}

interface LimitTerms {
  readonly thinking: EncodedThinking;
  readonly traits: ModelTraits;
  readonly losses: Losses;
}

/** A limit is required there. Where the caller sets none, there is room for an answer of the usual length after the thoughts. */
function maxTokens({ maxOutputTokens }: Generation, { thinking, traits, losses }: LimitTerms): number {
  if (maxOutputTokens !== undefined) return maxOutputTokens;
  const limit = traits.defaultMaxTokens + thinking.budget;
  losses.emulated('generation.max_output_tokens', `The format wants a limit of tokens; ${limit} is sent.`);
  return limit;
}

/** The API takes no longer one: its hash still tells people apart. */
const MAX_USER_ID = 256;

function userId(id: string, losses: Losses): string {
  if (id.length <= MAX_USER_ID) return id;
  losses.approximated('generation.end_user_id', `It is longer than ${MAX_USER_ID} characters; its SHA-256 is sent.`);
  return hash('sha256', id, 'hex');
}

function tierOf(tier: string, losses: Losses): string | undefined {
  const word = wordOf(TIER_OF_WORD, tier);
  if (tier !== '' && word === undefined) losses.dropped('generation.service_tier', `There is no service tier ${tier}.`);
  return word;
}
