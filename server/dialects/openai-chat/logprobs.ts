/** Chat writes log probabilities as the Responses API does. */
export { decodeLogprobs, encodeLogprobs } from '../openai-logprobs.ts';
