import type { FastifyRequest } from 'fastify';
import type { RequestEnvelope } from '../dialects/dialect.ts';

/** What an API says in the URL of its requests. Throws SluiceError. */
export type ReadAddress = (request: FastifyRequest) => Pick<RequestEnvelope, 'model' | 'stream'>;

/** What comes beside a request's body. Of repeated headers, the values in one, as RFC 9110, 5.2 has it. */
export function readEnvelope(
  request: FastifyRequest,
  { headerNames = [] }: { readonly headerNames?: readonly string[] },
  readAddress?: ReadAddress,
): RequestEnvelope {
  const headers = headerNames.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const];
  });
  return { ...readAddress?.(request), ...(headers.length > 0 && { headers: Object.fromEntries(headers) }) };
}
