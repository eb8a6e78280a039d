/** Completions count as chat does. */
export { encodeUsage, usageOf } from '../openai-usage.ts';
