import http from 'node:http';
import { Pool } from 'undici';

/** The node floor: node:http in, undici out, JSON parsed and written again both ways, and nothing else. */

const pool = new Pool(process.argv[2] ?? '', { connections: 256, pipelining: 1 });
const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' };

const server = http.createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => forward(request.url ?? '/', JSON.parse(textOf(parts)), response));
});

function forward(path: string, question: unknown, response: http.ServerResponse): void {
  const parts: Buffer[] = [];
  let status = 502;
  pool.dispatch(
    { path, method: 'POST', headers: HEADERS, body: JSON.stringify(question) },
    {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code;
      },
      onResponseData(_controller, part) {
        parts.push(part);
      },
      onResponseEnd() {
        const text = JSON.stringify(JSON.parse(textOf(parts)));
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
        response.end(text);
      },
      onResponseError() {
        response.destroy();
      },
    },
  );
}

function textOf(parts: readonly Buffer[]): string {
  return parts.length === 1 ? String(parts[0]) : Buffer.concat(parts).toString();
}

server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`ready on port ${address?.port}`);
});
