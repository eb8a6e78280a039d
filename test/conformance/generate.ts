import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

// Makes test/conformance/gen from the protos of the suite, which lie in Go's module cache once the suite is installed.
// What it makes is committed, so that only who changes SUITE_VERSION needs Go. Run: node test/conformance/generate.ts

/** The version of the suite, for its protos and for its program alike. */
export const SUITE_VERSION = 'v1.0.7';

const ROOT = resolve(import.meta.dirname, '../..');
const FILES = ['config', 'server_compat', 'service'];

/** Where Go keeps the suite. Throws where it does not, with the command that mends it. */
function suiteFolder(): string {
  const { stdout, status } = spawnSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' });
  if (status !== 0) throw new Error('go is not on the path, and the protos of the suite come with its Go module');
  const folder = join(stdout.trim(), `connectrpc.com/conformance@${SUITE_VERSION}`);
  const download = spawnSync('go', ['mod', 'download', `connectrpc.com/conformance@${SUITE_VERSION}`]);
  if (download.status !== 0) throw new Error(`go mod download failed: ${download.stderr}`);
  return folder;
}

function generate(): void {
  const protos = join(suiteFolder(), 'proto');
  const opt = ['target=ts', 'import_extension=ts', 'erasable_syntax=true'];
  const out = join(import.meta.dirname, 'gen');
  const template = { version: 'v2', clean: true, plugins: [{ local: 'protoc-gen-es', out, opt }] };
  const paths = FILES.flatMap((name) => ['--path', join(protos, `connectrpc/conformance/v1/${name}.proto`)]);
  const bin = join(ROOT, 'node_modules', '.bin');
  const buf = spawnSync(join(bin, 'buf'), ['generate', protos, '--template', JSON.stringify(template), ...paths], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` },
  });
  if (buf.status !== 0) throw new Error(`buf generate failed:\n${buf.stdout}${buf.stderr}`);
}

if (import.meta.main) generate();
