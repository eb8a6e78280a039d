import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
/** Packages that pages import by name. */
const PACKAGES = ['@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-web'];
const FOLDERS = ['clients/ts/src', ...PACKAGES.map((name) => `node_modules/${name}`)];
const PATIENCE_MS = 60_000;

/**
 * Runs a module in a page of a real browser and returns what it exports as "result", awaited. The page comes from an origin
 * of its own; it reaches no host but loopback. TypeScript files are served without their types.
 */
export async function runInBrowser(chromium: string, script: string): Promise<unknown> {
  const done = Promise.withResolvers<unknown>();
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk) => (text += chunk)).on('end', () => done.resolve(JSON.parse(text)));
      response.end();
    } else if (path === '/') response.setHeader('content-type', 'text/html').end(page(script));
    else serveFile(path, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const profile = mkdtempSync(join(tmpdir(), 'sluice-browser-'));
  const { port } = server.address() as AddressInfo;
  const flags = [
    ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--remote-debugging-port=0', `--user-data-dir=${profile}`],
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  ];
  const browser = spawn(chromium, [...flags, `http://127.0.0.1:${port}/`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  browser.stderr.on('data', (chunk) => (output += chunk));
  const gone = new Promise<void>((exited) => browser.once('exit', () => exited()));
  const late = setTimeout(() => done.reject(new Error(`The page did not end:\n${output}`)), PATIENCE_MS);
  onTestFinished(async () => {
    clearTimeout(late);
    browser.kill('SIGKILL');
    await gone;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return done.promise;
}

/** The page posts what came out, or what was thrown. */
function page(script: string): string {
  const main = `
    const post = (body) => fetch('/done', { method: 'POST', body: JSON.stringify(body) });
    try { ${script} } catch (thrown) { await post({ thrown: String(thrown?.stack ?? thrown) }); }`;
  return `<!doctype html><title>test</title><script type="importmap">${JSON.stringify({ imports: importMap() })}</script>
    <script type="module">${main}</script>`;
}

/** What the packages export, by the names that modules import. */
function importMap(): Readonly<Record<string, string>> {
  const entries = PACKAGES.flatMap((name) => {
    const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
    const { exports } = JSON.parse(text) as { exports: Readonly<Record<string, { readonly import: unknown }>> };
    return Object.entries(exports).flatMap(([subpath, { import: target }]) => {
      const file = typeof target === 'string' ? target : (target as { default?: string } | undefined)?.default;
      return file === undefined ? [] : [[join(name, subpath), `/node_modules/${join(name, file)}`] as const];
    });
  });
  return Object.fromEntries(entries);
}

function serveFile(path: string, response: http.ServerResponse): void {
  const file = resolve(join(ROOT, path));
  if (!FOLDERS.some((folder) => file.startsWith(join(ROOT, folder) + sep))) {
    response.writeHead(404).end();
    return;
  }
  const text = readFileSync(file, 'utf8');
  const script = file.endsWith('.ts') ? stripTypeScriptTypes(text, { mode: 'strip' }) : text;
  response.setHeader('content-type', 'text/javascript').end(script);
}
