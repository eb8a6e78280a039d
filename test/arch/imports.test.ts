import { describe, expect, test } from 'vitest';
import { type Import, importsOf, readSources } from './source-tree.ts';

/** What may import what: a folder imports folders of earlier rows and itself, never one of its own row. */
const ROWS: readonly (readonly string[])[] = [
  ['gen'],
  ['core'],
  ['errors'],
  ['auth', 'policy', 'limits', 'pricing', 'cache', 'routing', 'dialects', 'providers', 'catalogue'],
  ['config'],
  ['upstream', 'stores', 'telemetry'],
  ['pipeline', 'admin'],
  ['rpc', 'rest', 'simulator', 'listener'],
  ['app'],
  ['main'],
];

/** Folders that decide and never do: what they need from outside comes in as a parameter. */
const PURE = new Set([...ROWS.slice(0, 4).flat(), 'pipeline', 'admin']);

const IO_MODULES =
  /^(?:node:(?:fs|net|tls|http|https|http2|dns|dgram|child_process|cluster|worker_threads|sqlite|readline)(?:\/.*)?|undici|fastify|@fastify\/.*|@connectrpc\/connect-(?:node|fastify).*)$/;

const server = readSources('server').flatMap(importsOf);
const clients = readSources('clients').flatMap(importsOf);

const isFile = (target: string): boolean => target.endsWith('.ts');

/** The folder of a file as ROWS names it. Files directly in server/ are app, but for main.ts. */
function folderOf(file: string): string {
  const [top, folder, ...rest] = file.split('/');
  if (top !== 'server') return top ?? '';
  if (rest.length > 0) return folder ?? '';
  return folder === 'main.ts' ? 'main' : 'app';
}

function rowOf(folder: string): number {
  return ROWS.findIndex((row) => row.includes(folder));
}

function show(imports: readonly Import[]): readonly string[] {
  return imports.map((one) => `${one.place} imports ${one.target}`);
}

describe('imports point one way', () => {
  test('every folder of server/ has its row', () => {
    const unknown = server.filter((one) => rowOf(folderOf(one.from.path)) < 0);
    expect(show(unknown)).toEqual([]);
  });

  test('a folder imports only itself and folders of earlier rows', () => {
    const wrong = server.filter((one) => {
      if (!isFile(one.target)) return false;
      const [from, to] = [folderOf(one.from.path), folderOf(one.target)];
      return from !== to && !(rowOf(to) >= 0 && rowOf(to) < rowOf(from));
    });
    expect(show(wrong)).toEqual([]);
  });

  test('a wire format knows no other one', () => {
    const dialectOf = (file: string): string | undefined => /^server\/dialects\/([^/]+)\//.exec(file)?.[1];
    const wrong = server.filter((one) => {
      const [from, to] = [dialectOf(one.from.path), dialectOf(one.target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    expect(show(wrong)).toEqual([]);
  });

  test('a client imports nothing from outside its folder', () => {
    const clientOf = (file: string): string => file.split('/').slice(0, 2).join('/');
    const wrong = clients.filter((one) => isFile(one.target) && clientOf(one.from.path) !== clientOf(one.target));
    expect(show(wrong)).toEqual([]);
  });
});

describe('deciding and doing are apart', () => {
  test('a pure folder imports nothing that does I/O', () => {
    const wrong = server.filter(
      (one) => PURE.has(folderOf(one.from.path)) && !one.typeOnly && IO_MODULES.test(one.target),
    );
    expect(show(wrong)).toEqual([]);
  });

  test('the HTTP client is imported by server/upstream alone', () => {
    const wrong = server.filter((one) => one.target.startsWith('undici') && folderOf(one.from.path) !== 'upstream');
    expect(show(wrong)).toEqual([]);
  });
});

describe('files import each other in no circle', () => {
  test.each([
    ['server', server],
    ['clients', clients],
  ])('%s', (_, imports) => {
    expect(findCircles(imports.filter((one) => !one.typeOnly && isFile(one.target)))).toEqual([]);
  });
});

/** Circles of imports, each as "a -> b -> a"; one for each import that closes one. */
function findCircles(imports: readonly Import[]): readonly string[] {
  const targets = Map.groupBy(imports, (one) => one.from.path);
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) circles.push([...trail.slice(start), file].join(' -> '));
    if (start >= 0 || done.has(file)) return;
    for (const one of targets.get(file) ?? []) visit(one.target, [...trail, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return circles;
}
