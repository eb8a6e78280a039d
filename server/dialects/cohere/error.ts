import { AttemptError } from '../../errors/attempt-error.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';

// https://docs.cohere.com/reference/errors: {"message", "id"}, which the shared reader knows.

export { decodeOpenAiError as decodeError, inBandError } from '../openai-error.ts';

/** {"message","id"} as JSON text; the id is that of the call, and absent where none was opened. */
export function encodeError(error: SluiceError): string {
  const { message, param, decision } = error;
  // The envelope has no member for the field: the message says where it stands.
  const where = param === undefined || message.includes(param) ? '' : `${param}: `;
  return JSON.stringify({ message: where + message, id: decision?.requestId || undefined });
}

/**
 * What an answer's finish reason says of a failure at the provider: such an answer is not one, however much of it came.
 * undefined for all other reasons.
 */
export function failureOfFinish(word: string, message: string): AttemptError | undefined {
  const words = { providerCode: word, ...(message !== '' && { providerMessage: message }) };
  switch (word) {
    case 'ERROR':
      return new AttemptError('SERVER_ERROR', 'The provider failed while it answered.', words);
    case 'TIMEOUT':
      return new AttemptError('TIMEOUT', 'The provider gave the answer up for its time.', words);
    default:
      return undefined;
  }
}
