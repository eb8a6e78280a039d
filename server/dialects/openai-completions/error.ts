/** The completions API has the error envelope of all of OpenAI's APIs. */
export { decodeOpenAiError as decodeError, encodeOpenAiError as encodeError, inBandError } from '../openai-error.ts';
