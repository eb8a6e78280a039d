import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { encodeOpenAiError } from '../openai-error.ts';
import { objectOf } from '../read-answer.ts';

/** The Responses API has the error envelope of all of OpenAI's APIs. */
export { decodeOpenAiError as decodeError, encodeOpenAiError as encodeError, inBandError } from '../openai-error.ts';

/**
 * An error within a stream: https://platform.openai.com/docs/api-reference/responses-streaming/error. The reference has
 * code, message and param beside type; OpenAI itself sends them in "error", and SDKs throw by either. Both are there.
 */
export function errorEvent(error: SluiceError): JsonObject {
  const told = objectOf(objectOf(JSON.parse(encodeOpenAiError(error)))?.['error']) ?? {};
  const { code = null, message = '', param = null } = told;
  return { type: 'error', code, message, param, error: told };
}
