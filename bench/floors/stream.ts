import http from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { Pool } from 'undici';

/**
 * The re-encoding floor: node:http in, undici out; each event of the answer is parsed and written again. Events that
 * come in one read go out in one write.
 */

const pool = new Pool(process.argv[2] ?? '', { connections: 2048, pipelining: 1 });
const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' };

const server = http.createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => forward(request.url ?? '/', JSON.parse(Buffer.concat(parts).toString()), response));
});

function forward(path: string, question: unknown, response: http.ServerResponse): void {
  const encoder = createEncoder(response);
  pool.dispatch(
    { path, method: 'POST', headers: HEADERS, body: JSON.stringify(question), bodyTimeout: 0 },
    {
      onRequestStart(controller) {
        response.on('close', () => {
          if (!response.writableFinished) controller.abort(new Error('The client is gone.'));
        });
      },
      onResponseStart(_controller, status) {
        response.writeHead(status, { 'content-type': 'text/event-stream; charset=utf-8' });
      },
      onResponseData: (_controller, part) => encoder.push(part),
      onResponseEnd: () => encoder.end(),
      onResponseError: () => response.destroy(),
    },
  );
}

function createEncoder(response: http.ServerResponse): { push(part: Buffer): void; end(): void } {
  const decoder = new StringDecoder();
  let unfinished = '';
  let out = '';
  const flush = (): void => {
    if (out !== '') response.write(out);
    out = '';
  };
  return {
    push(part) {
      const lines = (unfinished + decoder.write(part)).split('\n');
      unfinished = lines.pop() ?? '';
      if (out === '') queueMicrotask(flush);
      for (const line of lines) out += reencoded(line);
    },
    end() {
      flush();
      response.end();
    },
  };
}

function reencoded(line: string): string {
  if (!line.startsWith('data: ')) return '';
  const data = line.slice(6);
  return data === '[DONE]' ? 'data: [DONE]\n\n' : `data: ${JSON.stringify(JSON.parse(data))}\n\n`;
}

server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`ready on port ${address?.port}`);
});
