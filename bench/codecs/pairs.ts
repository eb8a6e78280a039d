import type { BurstDialect } from './bursts.ts';

/** A provider's format and the caller's. */
export interface CodecPair {
  readonly from: BurstDialect;
  readonly to: BurstDialect;
}

/** Streams whose translation is measured: within each format, and across those that meet most. */
export const CODEC_PAIRS: readonly CodecPair[] = [
  { from: 'openai-chat', to: 'openai-chat' },
  { from: 'anthropic-messages', to: 'anthropic-messages' },
  { from: 'gemini', to: 'gemini' },
  { from: 'openai-responses', to: 'openai-responses' },
  { from: 'anthropic-messages', to: 'openai-chat' },
  { from: 'openai-chat', to: 'anthropic-messages' },
  { from: 'gemini', to: 'openai-chat' },
];
