import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { LIMITS } from './limits.ts';

/** How often what is dropped is counted. */
const COUNTING_MS = 50;

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/**
 * Sees to it that a request which is answered before its body has been read harms nobody: its client gets the answer
 * although it is still sending, and later requests of the same connection are served. To be called for each request
 * before anything reads it.
 */
export function letGoOfUnreadBody(request: Request, response: Response): void {
  // The usual iterator destroys what it leaves unread, and with it the connection and the answer.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  if (!(request instanceof http.IncomingMessage)) resetWhenAnswered(request);
  else if (hasBody(request)) discardWhenAnswered(request, response);
}

function hasBody({ headers }: http.IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * HTTP/1.1 has no way to stop a sender but to cut it off, and a cut may throw away the answer that is on its way
 * (RFC 9112, section 9.6). So the rest is read and dropped, within bounds; the connection lives on where that was all.
 */
function discardWhenAnswered(request: http.IncomingMessage, response: Response): void {
  const { socket } = request;
  // What Node calls where the connection is to end with the answer. It does not wait for the other side.
  socket.destroySoon = () => {
    if (request.complete) net.Socket.prototype.destroySoon.call(socket);
    else socket.end();
  };
  response.once('finish', () => {
    if (request.complete || socket.destroyed) return;
    const bytes = socket.bytesRead + LIMITS.discardBytes;
    // A body that has come whole is nobody's burden: the connection may be serving its next request by then.
    const timer = setTimeout(() => request.complete || socket.destroy(), LIMITS.discardMs);
    // Node drops what nobody has begun to read without showing it; the socket counts it all the same.
    const count = setInterval(() => {
      if (request.complete) clearInterval(count);
      else if (socket.bytesRead > bytes) socket.destroy();
    }, COUNTING_MS);
    request.once('close', () => {
      clearTimeout(timer);
      clearInterval(count);
      if (socket.writableEnded) socket.destroySoon();
    });
    request.resume();
  });
}

/** HTTP/2 tells the sender to stop once the answer is out (RFC 9113, section 8.1). Other streams go on. */
function resetWhenAnswered(request: http2.Http2ServerRequest): void {
  const { stream } = request;
  // The answer is out but for its trailers, which another listener of this event sends.
  stream.once('wantTrailers', () => {
    setImmediate(() => {
      if (stream.destroyed || stream.readableEnded) return;
      stream.close(http2.constants.NGHTTP2_NO_ERROR);
      // A stream is not over before what has come of it is read.
      request.resume();
    });
  });
}
