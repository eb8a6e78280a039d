import type http from 'node:http';
import type http2 from 'node:http2';

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/** What a body counts for whose length is not stated: gRPC's and chunked ones, of which most are small. */
const UNSTATED_BYTES = 256 * 1024;

/**
 * Bounds the bodies that are held in memory over all calls: each counts for the length that it states from its headers until
 * its answer is out. Returns true where a request was refused, with 503, because there is no room for it now.
 */
export function createBodyBudget(totalBytes: number): (request: Request, response: Response) => boolean {
  let held = 0;
  return (request, response) => {
    const stated = Number(request.headers['content-length'] ?? Number.NaN);
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && stated !== 0;
    if (!hasBody) return false;
    const bytes = Number.isNaN(stated) ? UNSTATED_BYTES : stated;
    // One body alone is always let in: whether it is too large is for its door to say.
    if (held > 0 && held + bytes > totalBytes) return refuse(response);
    held += bytes;
    response.once('close', () => {
      held -= bytes;
    });
    return false;
  };
}

function refuse(response: Response): true {
  response.statusCode = 503;
  response.setHeader('retry-after', '1');
  response.setHeader('content-type', 'application/json');
  response.end(
    '{"error":{"message":"The server holds as many request bodies as it can; try again.","type":"server_error","param":null,"code":"overloaded"}}',
  );
  return true;
}
