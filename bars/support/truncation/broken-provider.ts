import net, { type AddressInfo } from 'node:net';
import type { BrokenAnswer } from './broken-answer.ts';
import { STREAMS, WHOLES } from './streams.ts';

/** A provider of all formats that gives broken answers, by the name of the model. */
export interface BrokenProvider {
  readonly url: string;
  close(): Promise<void>;
}

/** The model that answers as it should, in OpenAI's chat format. */
export const GOOD_MODEL = 'good';

/** Between an answer's id and what else tells models apart that give it. */
export const DOOR_MARK = '~';

/** What is sent must be there before the reset, which overtakes it. */
const RESET_AFTER_MS = 10;

/** Starts it, on raw sockets: servers of HTTP would not send such answers. */
export async function startBrokenProvider(answers: ReadonlyMap<string, BrokenAnswer>): Promise<BrokenProvider> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const asked = wholeRequest(text);
      if (asked === undefined) return;
      text = '';
      send(socket, answers.get(asked.model.split(DOOR_MARK)[0] ?? '') ?? goodAnswer(asked.stream));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 2048, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Asked {
  readonly model: string;
  readonly stream: boolean;
}

/** What is asked, once the whole request is there. */
function wholeRequest(text: string): Asked | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
  if (headEnd < 0 || text.length < headEnd + 4 + length) return undefined;
  const body: { model?: unknown; stream?: unknown } = JSON.parse(text.slice(headEnd + 4));
  // Google's and Amazon's formats name the model in the path.
  const inPath = /^POST \S*\/models?\/([^/: ]+)[:/]/.exec(text)?.[1];
  return { model: String(body.model ?? inPath), stream: body.stream === true };
}

function goodAnswer(stream: boolean): Pick<BrokenAnswer, 'status' | 'headers' | 'body' | 'ending'> {
  const body = stream
    ? Buffer.concat(STREAMS['openai-chat'].map(({ bytes }) => bytes))
    : Buffer.from(JSON.stringify(WHOLES['openai-chat']));
  const type = stream ? 'text/event-stream' : 'application/json';
  return { status: 200, headers: { 'content-type': type }, body, ending: 'clean' };
}

function send(
  socket: net.Socket,
  { status, headers, body, ending }: Pick<BrokenAnswer, 'status' | 'headers' | 'body' | 'ending'>,
): void {
  const bare = status === 204;
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    ...(!bare && { 'transfer-encoding': 'chunked' }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Answer\r\n${lines.join('')}\r\n`);
  if (body.length > 0) {
    socket.write(`${body.length.toString(16)}\r\n`);
    socket.write(body);
    socket.write('\r\n');
  }
  if (ending === 'reset') setTimeout(() => socket.resetAndDestroy(), RESET_AFTER_MS);
  else socket.end(ending === 'clean' && !bare ? '0\r\n\r\n' : '');
}
