import { Code, type ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.ts';

/** A gateway's refusal as one text: the reason, what it says, and what is wrong with which field. */
export function describeRefusal(error: ConnectError): string {
  const [info] = error.findDetails(ErrorInfoSchema);
  const violations = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  if (info === undefined) return describeSilence(error);
  if (violations.length === 0) return `${info.reason}: ${error.rawMessage}`;
  const lines = violations.map(({ field, description }) => `  ${field}: ${description}`);
  return `${info.reason}:\n${lines.join('\n')}`;
}

/** What no gateway has said: nobody listens, or somebody else does. */
function describeSilence({ code, rawMessage }: ConnectError): string {
  if (code === Code.Unavailable) return `No gateway can be reached there (${rawMessage}).`;
  return `This is no answer of a gateway: ${rawMessage}`;
}
