import http2 from 'node:http2';
import { LIMITS } from './limits.ts';

/**
 * Node's HTTP/2 server waits for ever: for a first request after the preface, for headers that never end, for another
 * request on an idle connection, for the rest of a body. This gives each of them the time that HTTP/1.1 gives.
 * To be told of each stream that is served.
 */
export function limitPatience(session: http2.ServerHttp2Session): (stream: http2.ServerHttp2Stream) => void {
  let open = 0;
  let waiting = setTimeout(() => session.destroy(), LIMITS.headersTimeoutMs);
  session.once('close', () => clearTimeout(waiting));
  return (stream) => {
    open += 1;
    clearTimeout(waiting);
    const body = setTimeout(() => {
      if (!stream.readableEnded) stream.close(http2.constants.NGHTTP2_CANCEL);
    }, LIMITS.requestTimeoutMs);
    stream.once('close', () => {
      clearTimeout(body);
      open -= 1;
      if (open > 0 || session.closed) return;
      // GOAWAY first, so that a request which is on its way is known to be unserved.
      waiting = setTimeout(() => session.close(), LIMITS.keepAliveTimeoutMs);
    });
  };
}
