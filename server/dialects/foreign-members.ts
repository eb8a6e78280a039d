import type { JsonObject, JsonValue } from '../core/json.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { ANTHROPIC_MEMBERS } from './anthropic-members.ts';
import { BEDROCK_MEMBERS } from './bedrock-members.ts';
import { CHAT_MEMBERS } from './chat-members.ts';
import { COHERE_MEMBERS } from './cohere-members.ts';
import type { ChatDialectName, DialectName, WireBody } from './dialect.ts';
import { GEMINI_MEMBERS } from './gemini-members.ts';
import { type HeldTable, noteUnheld } from './held-members.ts';
import type { Losses } from './losses.ts';
import { COMPLETIONS_MEMBERS, RESPONSES_MEMBERS } from './openai-members.ts';

/** A member that the canonical request has no field for and of which more is to be said than that. */
interface ForeignMember {
  readonly name: string;
  /** Whether the member asks for anything. */
  readonly asks: (value: JsonValue) => boolean;
  /** Why; of a refusal and of a warning alike. */
  readonly message: string;
  /** Without it the answer would be one to another question. */
  readonly refuse?: true;
}

const always = (): boolean => true;

/** What is held of the bodies of each format; all else that they hold is told of. */
const HELD: Readonly<Record<ChatDialectName, HeldTable>> = {
  'openai-chat': CHAT_MEMBERS,
  'openai-responses': RESPONSES_MEMBERS,
  'openai-completions': COMPLETIONS_MEMBERS,
  'anthropic-messages': ANTHROPIC_MEMBERS,
  gemini: GEMINI_MEMBERS,
  'bedrock-converse': BEDROCK_MEMBERS,
  cohere: COHERE_MEMBERS,
};

const MEMBERS: Readonly<Partial<Record<DialectName, readonly ForeignMember[]>>> = {
  'anthropic-messages': [
    { name: 'container', asks: always, message: 'Only the Messages API has containers.' },
    { name: 'context_management', asks: always, message: 'Only the Messages API edits the conversation.' },
    { name: 'fallbacks', asks: always, message: 'Only the Messages API falls back to other models itself.' },
    { name: 'inference_geo', asks: always, message: 'Only the Messages API chooses where a model runs.' },
    { name: 'mcp_servers', asks: always, message: 'Only the Messages API calls MCP servers this way.' },
    { name: 'speed', asks: (value) => value !== 'standard', message: 'Only the Messages API has speeds.' },
  ],
  'openai-responses': [
    {
      name: 'include',
      asks: (value) => Array.isArray(value) && value.some((item) => item !== 'message.output_text.logprobs'),
      message: 'Only the Responses API includes more on demand.',
    },
    { name: 'max_tool_calls', asks: always, message: 'Only the Responses API bounds the calls of its own tools.' },
    { name: 'truncation', asks: (value) => value === 'auto', message: 'Only the Responses API truncates prompts.' },
  ],
  gemini: [
    ...['cachedContent', 'cached_content'].map((name) => ({
      name,
      asks: always,
      message: 'The provider of this model does not have the cached content that the request goes on from.',
      refuse: true as const,
    })),
    ...['safetySettings', 'safety_settings'].map((name) => ({
      name,
      asks: always,
      message: 'Only the Gemini API has safety settings.',
    })),
  ],
  'openai-completions': [
    {
      name: 'prompt',
      asks: (value) => Array.isArray(value) && !(value.length === 1 && typeof value[0] === 'string'),
      message: 'The provider of this model takes one prompt, as text: send a request for each.',
      refuse: true,
    },
    {
      name: 'suffix',
      asks: (value) => value !== '',
      message: 'The provider of this model cannot write towards a suffix.',
      refuse: true,
    },
    { name: 'echo', asks: (value) => value === true, message: 'Only the completions API repeats the prompt.' },
    {
      name: 'best_of',
      asks: (value) => typeof value === 'number' && value > 1,
      message: 'Only the completions API chooses the best of several answers.',
    },
  ],
};

/**
 * To be called where a request is encoded from its canonical form: notes what the caller's body asks for in members that
 * the canonical form has no field for. Throws SluiceError UNSUPPORTED_PARAMETER where leaving one out would change the
 * question.
 */
export function noteForeignMembers(wire: WireBody | undefined, losses: Losses): void {
  if (wire === undefined) return;
  for (const member of MEMBERS[wire.dialect] ?? []) note(member, wire.json, losses);
  if (wire.dialect !== 'openai-embeddings') noteUnheld(wire.json, HELD[wire.dialect], losses);
}

function note({ name, asks, message, refuse }: ForeignMember, json: JsonObject, losses: Losses): void {
  const value = json[name] ?? null;
  if (value === null || !asks(value)) return;
  if (refuse === true)
    throw new SluiceError('UNSUPPORTED_PARAMETER', message, { param: name, metadata: { field: name } });
  losses.dropped(name, message);
}
