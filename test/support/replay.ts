import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the replay got. */
export interface Replayed {
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body as it came
  readonly body: any;
}

export interface Replay {
  readonly url: string;
  readonly requests: Replayed[];
  close(): Promise<void>;
}

/** A provider that answers from texts: for each model a body, or a whole stream, which begins with "event:" or "data:". */
export async function startReplay(texts: ReadonlyMap<string, string>): Promise<Replay> {
  const requests: Replayed[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      requests.push({ path: request.url ?? '', body });
      const text = texts.get(body.model);
      const streams = text !== undefined && /^(?:event|data):/.test(text);
      response.writeHead(text === undefined ? 404 : 200, {
        'content-type': streams ? 'text/event-stream' : 'application/json',
      });
      response.end(text ?? '{"error":{"message":"no such model","code":"model_not_found"}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
