import type { JsonObject } from '../../core/json.ts';
import type { AttemptError } from '../../errors/attempt-error.ts';
import { REASON_TABLE } from '../../errors/reason-table.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { HttpFailure } from '../dialect.ts';
import { decodeOpenAiError, inBandError } from '../openai-error.ts';
import { readComplaint } from '../provider-complaint.ts';
import { objectOf, stringOf } from '../read-answer.ts';

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors and, for
// all of AWS, https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html

/** Names the kind of error, as in ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/. */
const TYPE_HEADER = 'x-amzn-errortype';

/** A ValidationException that is about the model, which has no exception of its own. */
const NO_SUCH_MODEL =
  /model identifier is invalid|model id .{0,300} isn.t supported|doesn.t support on-demand throughput|end of (?:its )?life/i;

/** Classifies a failed answer. */
export function decodeError(failure: HttpFailure): AttemptError {
  const { message, type } = readComplaint(failure.text);
  const kind = bareType(failure.headers[TYPE_HEADER] ?? typeMember(failure.text)) || type;
  const code = NO_SUCH_MODEL.test(message) ? 'model_not_found' : undefined;
  // Written as the shared reader knows it: message and type are the words that AWS has too.
  return decodeOpenAiError({ ...failure, text: JSON.stringify({ message, type: kind, code }) });
}

/** An exception within a stream, or an error object with a status of success. type: as in throttlingException. */
export function exceptionError(json: JsonObject, type: string): AttemptError {
  const message = stringOf(json['message']) || stringOf(json['Message']) || stringOf(json['originalMessage']);
  const { originalStatusCode } = json;
  return inBandError({
    message,
    type: bareType(type || stringOf(json['__type']) || stringOf(json['code'])),
    ...(typeof originalStatusCode === 'number' && { code: originalStatusCode }),
  });
}

/** Whether JSON that came instead of an answer is an error: {"message"} or {"__type"}, the latter also within "Output". */
export function isException(json: JsonObject): boolean {
  if (json['output'] !== undefined) return false;
  const type = stringOf(json['__type']) || stringOf(objectOf(json['Output'])?.['__type']);
  return type !== '' || typeof json['message'] === 'string';
}

function typeMember(text: string): string {
  try {
    return stringOf(objectOf(JSON.parse(text))?.['__type']);
  } catch {
    return '';
  }
}

/** Without the name space before "#" and the address behind ":". */
function bareType(type: string): string {
  return type.slice(type.lastIndexOf('#') + 1).split(':', 1)[0] ?? '';
}

/** The kind of error by the status that Sluice answers with. */
const TYPE_OF_STATUS: ReadonlyMap<number, string> = new Map([
  [400, 'ValidationException'],
  [401, 'UnrecognizedClientException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [413, 'ValidationException'],
  [429, 'ThrottlingException'],
  [503, 'ServiceUnavailableException'],
  [504, 'ModelTimeoutException'],
]);

/** The name of an error in this format, as in ValidationException. */
export function errorTypeOf({ reason }: SluiceError): string {
  return TYPE_OF_STATUS.get(REASON_TABLE[reason].status) ?? 'InternalServerException';
}

/** {"__type","message"} as JSON text. */
export function encodeError(error: SluiceError): string {
  const { message, param } = error;
  // The envelope has no member for the field: the message says where it stands.
  const where = param === undefined || message.includes(param) ? '' : `${param}: `;
  return JSON.stringify({ __type: errorTypeOf(error), message: where + message });
}
