import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A bug put in on purpose. The text stands once in the file. */
interface Seed {
  readonly bar: string;
  readonly bug: string;
  readonly file: string;
  readonly search: string;
  readonly replacement: string;
}

export const SEEDS: readonly Seed[] = [
  {
    bar: 'B7',
    bug: 'a handler that waits for "drain" does not hear of "close"',
    file: 'server/rest/sse-response.ts',
    search: "raw.once('close', done);",
    replacement: '',
  },
  {
    bar: 'B19',
    bug: 'a client that goes away does not end its call',
    file: 'server/rest/rest-call.ts',
    search: "if (!reply.raw.writableEnded) call.end(new SluiceError('CANCELED', 'The caller went away.'));",
    replacement: '',
  },
  {
    bar: 'B19',
    bug: 'an exchange that is aborted does not close its connection',
    file: 'server/upstream/connection-pool.ts',
    search: 'void this.#release(exchange)?.destroy();',
    replacement: 'this.#release(exchange);',
  },
  {
    bar: 'B20',
    bug: 'a stream is written without waiting for the client',
    file: 'server/rest/sse-response.ts',
    search: "if (!raw.write(frames.map(encodeSseFrame).join(''))) await drained(raw);",
    replacement: "raw.write(frames.map(encodeSseFrame).join('')) || drained;",
  },
  {
    bar: 'B21',
    bug: 'the idle timer does nothing',
    file: 'server/pipeline/attempt-timers.ts',
    search: "if (silent >= timeouts.idleMs) expire('idle', timeouts.idleMs)();",
    replacement: 'if (silent >= timeouts.idleMs) return;',
  },
  {
    bar: 'B21',
    bug: 'no timer waits for the first content',
    file: 'server/pipeline/attempt-timers.ts',
    search: 'const firstContent = call.stream\n',
    replacement: 'const firstContent = call.stream && clock.now() < 0\n',
  },
  {
    bar: 'B22',
    bug: 'a stream that ends without its marker is whole',
    file: 'server/dialects/openai-chat/stream-decoder.ts',
    search: 'if (!isTerminated(state, quirks)) {',
    replacement: 'if (!isTerminated(state, quirks) && !allFinished(state)) {',
  },
  {
    bar: 'B22',
    bug: 'a finish reason is made up where none came',
    file: 'server/dialects/gemini/stream-decoder.ts',
    search:
      "if (!isTerminated(state)) throw new AttemptError('INTERRUPTED', 'The stream ended without a finish reason.');",
    replacement: 'isTerminated(state);',
  },
  {
    bar: 'B22',
    bug: 'an error event is skipped',
    file: 'server/dialects/anthropic-messages/stream-decoder.ts',
    search: "if (frame.event === 'error' || isComplaint(json)) throw inBandError(json);",
    replacement: 'if (isComplaint(json) && inBandError(json).status === 0) return { events: [] };',
  },
  {
    bar: 'B22',
    bug: 'a terminal marker after an error',
    file: 'server/dialects/openai-chat/stream-encoder.ts',
    search: '[frame(encodeError(error))]',
    replacement: '[frame(encodeError(error)), frame(DONE)]',
  },
  {
    bar: 'B22',
    bug: 'an error that SDKs read as one more chunk',
    file: 'server/dialects/gemini/error.ts',
    search: 'error: { code: status, message,',
    replacement: 'error: { status_code: status, message,',
  },
  {
    bar: 'B22',
    bug: 'what came in one piece with a fault is lost',
    file: 'server/pipeline/decode-stream.ts',
    search: 'if (steps.length > 0) yield steps;',
    replacement: 'if (refusal === undefined) yield steps;',
  },
  {
    bar: 'B22',
    bug: 'no other target is tried where a stream broke off',
    file: 'server/errors/attempt-error.ts',
    search: "INTERRUPTED: row('UPSTREAM_UNAVAILABLE', 'retry', 'hidden'),",
    replacement: "INTERRUPTED: row('UPSTREAM_UNAVAILABLE', 'stop', 'hidden'),",
  },
  {
    bar: 'B24',
    bug: 'keepalives come only after the first content',
    file: 'server/rest/sse-response.ts',
    search: '      open({});\n      if (!raw.writableNeedDrain) raw.write',
    replacement: '      if (!raw.writableNeedDrain && opened) raw.write',
  },
  {
    bar: 'B25',
    bug: 'messages of RPC have no bound',
    file: 'server/app.ts',
    search: 'readMaxBytes: LIMITS.bodyBytes,',
    replacement: 'readMaxBytes: 2 ** 31,',
  },
  {
    bar: 'B25',
    bug: 'bodies of REST have no bound',
    file: 'server/rest/api-plugin.ts',
    search: 'bodyLimit: deps.bodyBytes }',
    replacement: 'bodyLimit: 2 ** 40 }',
  },
  {
    bar: 'B25',
    bug: 'elements of Protobuf messages are not counted',
    file: 'server/rpc/element-count.ts',
    search: 'if (bytes.length <= HARMLESS_BYTES) return false;',
    replacement: 'if (bytes.length > 0) return false;',
  },
  {
    bar: 'B26',
    bug: 'HTTP/2 without TLS is not served',
    file: 'server/listener/one-port.ts',
    search: '(isHttp2 ? h2 : http1)',
    replacement: '(isHttp2 && tlsFiles !== undefined ? h2 : http1)',
  },
  {
    bar: 'B27',
    bug: 'hosts and targets are not checked',
    file: 'server/listener/check-target.ts',
    search: 'if (isAuthority(authority)',
    replacement: 'if (request !== undefined || isAuthority(authority)',
  },
  {
    bar: 'B28',
    bug: 'patience without end after a preface of HTTP/2',
    file: 'server/listener/http2-patience.ts',
    search: 'session.destroy(), LIMITS.headersTimeoutMs)',
    replacement: 'session.destroy(), LIMITS.requestTimeoutMs)',
  },
  {
    bar: 'B28',
    bug: 'headers of HTTP/1.1 may take for ever',
    file: 'server/listener/one-port.ts',
    search: "server.emit('listening');",
    replacement: '',
  },
  {
    bar: 'B29',
    bug: 'resets are not counted',
    file: 'server/listener/one-port.ts',
    search: 'streamResetBurst: LIMITS.resetBurst,',
    replacement: 'streamResetBurst: 1e6,',
  },
  {
    bar: 'B30',
    bug: 'longer headers are taken',
    file: 'server/listener/limits.ts',
    search: 'headerBytes: 16 * 1024',
    replacement: 'headerBytes: 64 * 1024',
  },
  {
    bar: 'B30',
    bug: 'headers are not counted',
    file: 'server/listener/one-port.ts',
    search: 'server.maxHeadersCount = LIMITS.headerCount;',
    replacement: 'server.maxHeadersCount = 0;',
  },
  {
    bar: 'B31',
    bug: 'no bound on depth',
    file: 'server/listener/limits.ts',
    search: 'jsonDepth: 200',
    replacement: 'jsonDepth: 2_000_000',
  },
];

const ROOT = resolve(import.meta.dirname, '..');
const LEFT_OUT = new Set(['node_modules', '.git', '.venv', 'dist']);

/** Puts each bug of the bars into a copy of the checkout and runs the bar there. True where each was noticed. */
export async function runSeeded(names: readonly string[]): Promise<boolean> {
  let good = true;
  for (const seed of SEEDS.filter(({ bar }) => names.includes(bar))) {
    const copy = await mkdtemp(join(tmpdir(), 'sluice-seeded-'));
    try {
      good = (await trySeed(seed, copy)) && good;
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }
  return good;
}

/** The bar is run before the bug is in, too: one that is broken anyway has noticed nothing. */
async function trySeed(seed: Seed, copy: string): Promise<boolean> {
  await cp(ROOT, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(path.split('/').at(-1) ?? '') });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const sound = findingsOf(await runIn(copy, seed.bar));
  const file = join(copy, seed.file);
  const text = await readFile(file, 'utf8');
  if (text.split(seed.search).length !== 2) return say(seed, false, `its text does not stand once in ${seed.file}`);
  await writeFile(
    file,
    text.replace(seed.search, () => seed.replacement),
  );
  const broken = findingsOf(await runIn(copy, seed.bar));
  const fresh = broken.filter((finding) => !sound.some((other) => nameOf(other) === nameOf(finding)));
  return say(seed, fresh.length > 0, fresh.length > 0 ? fresh.join(', ') : 'the bar did not notice');
}

function say(seed: Seed, noticed: boolean, text: string): boolean {
  process.stdout.write(
    `${seed.bar} seeded "${seed.bug}": ${noticed ? 'noticed' : 'NOT NOTICED'}  ${text.slice(0, 400)}\n`,
  );
  return noticed;
}

/** What is not as it should be in a line of a bar; of cases in brackets each. */
function findingsOf(line: string): readonly string[] {
  const broken = line.split(/, (?=NOT )| {2}(?=NOT )/).filter((part) => part.startsWith('NOT '));
  return broken.flatMap((finding) => /\[(.*)\]/.exec(finding)?.[1]?.split('; ') ?? [finding]);
}

/** A finding without its figures. */
function nameOf(finding: string): string {
  return finding.replace(/[\d.]+/g, '#').slice(0, 30);
}

function runIn(folder: string, bar: string): Promise<string> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(folder, 'bars/run.ts'), bar, '--short'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.once('close', () => done(output));
  });
}
