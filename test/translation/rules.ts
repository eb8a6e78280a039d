import type { ChatDialectName } from '../../server/dialects/dialect.ts';
import { anthropicComplaints } from './rules-anthropic.ts';
import { bedrockComplaints } from './rules-bedrock.ts';
import { cohereComplaints } from './rules-cohere.ts';
import { geminiComplaints } from './rules-gemini.ts';
import { openAiComplaints } from './rules-openai.ts';

/** What a provider of each format would answer 400 for, as far as that can be told without asking it. */
export const COMPLAINTS: Readonly<Record<ChatDialectName, (body: unknown, model: string) => readonly string[]>> = {
  'openai-chat': (body) => openAiComplaints('openai-chat', body),
  'openai-responses': (body) => openAiComplaints('openai-responses', body),
  'openai-completions': (body) => openAiComplaints('openai-completions', body),
  'anthropic-messages': anthropicComplaints,
  gemini: geminiComplaints,
  'bedrock-converse': bedrockComplaints,
  cohere: cohereComplaints,
};
