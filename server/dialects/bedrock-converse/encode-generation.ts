import type { Generation } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { limitCachePoints } from './cache-points.ts';
import { createDocumentNames } from './document-names.ts';
import { encodeConversation } from './encode-conversation.ts';
import { encodeFormat } from './encode-format.ts';
import { encodeSampling, noteAbsentFields } from './encode-sampling.ts';
import { encodeThinking } from './encode-thinking.ts';
import { encodeTools, toolConfigOf } from './encode-tools.ts';
import type { ModelTraits } from './model-traits.ts';
import { createToolIds } from './tool-ids.ts';
import { TIERS } from './wire.ts';

export interface GenerationTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
}

/** Where a stop text is told: in the last event of Claude's own stream, which answers in one piece repeat. */
const STOP_SEQUENCE_PATH = '/delta/stop_sequence';

/** A request body of what the caller asked. Members without a value are undefined. Throws SluiceError INVALID_REQUEST. */
export function encodeGeneration(generation: Generation, terms: GenerationTerms): JsonObject {
  const { losses, traits } = terms;
  noteAbsentFields(generation, losses);
  const formatted = encodeFormat(generation, encodeTools(generation, terms), losses);
  const toolConfig = toolConfigOf(formatted, terms);
  const thinking = encodeThinking(generation, { ...terms, forced: toolConfig?.['toolChoice'] !== undefined });
  const { inferenceConfig, fields } = encodeSampling(generation, { ...terms, thinking });
  const shared = { ...terms, ids: createToolIds(traits), names: createDocumentNames() };
  const { system, turns } = encodeConversation(generation.messages, shared);
  const told = formatted.instruction === '' ? system : [...system, { text: formatted.instruction }];
  const additional = { ...thinking.fields, ...fields };
  const body = {
    messages: turns.map(({ role, content }) => ({ role, content })),
    system: told.length === 0 ? undefined : told,
    inferenceConfig,
    toolConfig,
    additionalModelRequestFields: Object.keys(additional).length === 0 ? undefined : additional,
    additionalModelResponseFieldPaths:
      traits.tellsStop && generation.stop.length > 0 ? [STOP_SEQUENCE_PATH] : undefined,
    serviceTier: serviceTier(generation, losses),
  };
  return limitCachePoints(body, losses);
}

function serviceTier({ serviceTier: type }: Generation, losses: Losses): JsonObject | undefined {
  if (TIERS.has(type)) return { type };
  if (type !== '' && type !== 'auto') {
    losses.dropped('generation.service_tier', `There is no class of service "${type}" there.`);
  }
  return undefined;
}
