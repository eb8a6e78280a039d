/** Chat counts as the older completions do. */
export { decodeUsage, encodeUsage, usageOf } from '../openai-usage.ts';
