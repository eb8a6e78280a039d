import net from 'node:net';

/** How the simulator ended a connection. */
export type ConnectionEnd = 'fin' | 'reset';

/** One connection, seen byte by byte. */
export interface RawConnection {
  readonly received: Buffer;
  send(request: RawRequest): void;
  /** Resolves when so much has come as the test wants. Rejects where the connection ends before. */
  until(enough: (received: Buffer) => boolean): Promise<void>;
  /** Resolves when the simulator ends the connection. */
  readonly ended: Promise<ConnectionEnd>;
  /** Leaves at once. */
  destroy(): void;
  readonly socket: net.Socket;
}

export interface RawRequest {
  readonly path?: string;
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether another request may follow on the connection. Default: not. */
  readonly keepAlive?: boolean;
}

export async function connect(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  let received: Buffer = Buffer.alloc(0);
  let over = false;
  let wake = (): void => {};
  const ended = new Promise<ConnectionEnd>((resolve) => {
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, Buffer.from(bytes)]);
      wake();
    });
    socket.on('end', () => resolve('fin'));
    socket.on('error', () => resolve('reset'));
    socket.on('close', () => {
      over = true;
      wake();
    });
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return {
    get received() {
      return received;
    },
    send: (request) => socket.write(encode(request)),
    until: (enough) =>
      new Promise((resolve, reject) => {
        wake = () => {
          if (enough(received)) resolve();
          else if (over) reject(new Error(`The connection ended after: ${received.toString('latin1')}`));
        };
        wake();
      }),
    ended,
    destroy: () => socket.destroy(),
    socket,
  };
}

function encode({ path = '/v1/chat/completions', body, headers = {}, keepAlive = false }: RawRequest): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    host: 'simulator',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    connection: keepAlive ? 'keep-alive' : 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
}

/** An answer of HTTP/1.1, taken apart without a parser that would mend it. */
export interface RawAnswer {
  /** 0 where no byte came. */
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** The pieces that the body came in; one for a body with a length. */
  readonly chunks: readonly Buffer[];
  readonly body: Buffer;
  /** Whether the body came to its end, as HTTP has it. */
  readonly complete: boolean;
}

export interface Fetched extends RawAnswer {
  readonly end: ConnectionEnd;
}

/** Sends one request on a connection of its own and reads until the simulator ends it. */
export async function fetchRaw(url: string, request: RawRequest): Promise<Fetched> {
  const connection = await connect(url);
  connection.send(request);
  const end = await connection.ended;
  return { ...parseAnswer(connection.received), end };
}

export function parseAnswer(bytes: Buffer): RawAnswer {
  const split = bytes.indexOf('\r\n\r\n');
  if (split < 0) return { status: 0, headers: [], chunks: [], body: Buffer.alloc(0), complete: false };
  const [start = '', ...lines] = bytes.subarray(0, split).toString('latin1').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const rest = bytes.subarray(split + 4);
  const length = headers.find(([name]) => name === 'content-length')?.[1];
  const { chunks, complete } =
    length === undefined ? dechunk(rest) : { chunks: [rest], complete: rest.length === Number(length) };
  return { status: Number(start.split(' ')[1]), headers, chunks, body: Buffer.concat(chunks), complete };
}

function dechunk(bytes: Buffer): { readonly chunks: readonly Buffer[]; readonly complete: boolean } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return { chunks, complete: false };
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (size === 0) return { chunks, complete: true };
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** All values of a header. */
export function valuesOf({ headers }: RawAnswer, name: string): readonly string[] {
  return headers.filter(([one]) => one === name).map(([, value]) => value);
}

/** The data of the frames in a stream that came as it should. */
export function framesOf({ body }: RawAnswer): readonly string[] {
  return body
    .toString('utf8')
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => frame.slice('data: '.length));
}

/** The frames but [DONE], parsed. */
export function eventsOf(answer: RawAnswer): readonly ChunkJson[] {
  return framesOf(answer)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data));
}

export interface ChunkJson {
  readonly choices: readonly {
    readonly index: number;
    readonly delta: {
      readonly content?: string | null;
      readonly reasoning_content?: string | null;
      readonly tool_calls?: readonly { readonly index: number; readonly function?: { readonly arguments?: string } }[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  } | null;
}
