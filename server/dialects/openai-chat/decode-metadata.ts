/** All of OpenAI's APIs have the same metadata. */
export { decodeMetadata } from '../openai-metadata.ts';
