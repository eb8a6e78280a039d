import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isNode, listFiles, placeOf, ROOT, readSources, type SourceFile, type SyntaxNode } from './source-tree.ts';

/** Words that say nothing of what a thing does and so gather everything. */
const EMPTY_WORDS = new Set(['context', 'manager', 'service', 'helper', 'helpers', 'util', 'utils', 'common']);

/** Folders of test/ that mirror no folder of server/. */
const OWN_TEST_FOLDERS = new Set([
  'arch',
  'bench',
  'cli',
  'clients-ts',
  'conformance',
  'contract',
  'docs',
  'e2e',
  'scripts',
  'translation',
]);

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/;

const server = readSources('server');
const scripts = readSources('scripts', 'cli');
const clients = readSources('clients');
const files = [...server, ...scripts, ...clients, ...readSources('test')];

const isRpc = (file: SourceFile): boolean => file.path.startsWith('server/rpc/');
const isClient = (file: SourceFile): boolean => file.path.startsWith('clients/');

/** The words of a camelCase, PascalCase, kebab-case or CONSTANT_CASE name, in lower case. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
}

/** The services of the contract have that word in their names; who implements or calls them repeats it. */
function isEmptyName(file: SourceFile, name: string): boolean {
  const namesServices = isRpc(file) || isClient(file);
  return wordsOf(name).some((word) => EMPTY_WORDS.has(word) && !(word === 'service' && namesServices));
}

/** The names that a file gives to what it exports. Re-exports bear the names that other files gave. */
function exportsOf(file: SourceFile): readonly SyntaxNode[] {
  return file.nodes
    .filter((node) => node.type === 'ExportNamedDeclaration' && isNode(node.declaration))
    .flatMap((node) => declaredBy(node.declaration as SyntaxNode));
}

function declaredBy(declaration: SyntaxNode): readonly SyntaxNode[] {
  const declarators = declaration.declarations;
  const named = Array.isArray(declarators) ? (declarators as SyntaxNode[]) : [declaration];
  return named.map((node) => node.id).filter(isNode);
}

describe('a name says what the thing does', () => {
  test('of files', () => {
    const empty = files.filter((file) => isEmptyName(file, path.posix.basename(file.path, '.ts')));
    expect(empty.map((file) => file.path)).toEqual([]);
  });

  test('of folders', () => {
    const folders = files.flatMap((file) => path.posix.dirname(file.path).split('/'));
    const empty = [...new Set(folders)].filter((folder) => wordsOf(folder).some((word) => EMPTY_WORDS.has(word)));
    expect(empty).toEqual([]);
  });

  test('of what is exported', () => {
    const empty = [...server, ...scripts, ...clients].flatMap((file) =>
      exportsOf(file)
        .filter((name) => isEmptyName(file, String(name.name)))
        .map((name) => `${placeOf(file, name.start)} exports ${name.name}`),
    );
    expect(empty).toEqual([]);
  });
});

describe('a file is where its name says', () => {
  test('files and folders are named in kebab-case', () => {
    const wrong = files.filter((file) => !file.path.split('/').every((part) => KEBAB_CASE.test(part)));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  test('tests stand where the code stands that they test', () => {
    const folders = listFiles('test')
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => path.posix.dirname(file).split('/').slice(1));
    const lost = folders.filter(
      ([top = '', ...below]) => !OWN_TEST_FOLDERS.has(top) && !existsSync(path.join(ROOT, 'server', top, ...below)),
    );
    expect([...new Set(lost.map((parts) => ['test', ...parts].join('/')))]).toEqual([]);
  });

  test('decisions are numbered without gaps', () => {
    const numbers = listFiles('docs/decisions').map((file) => path.posix.basename(file).slice(0, 4));
    expect(numbers).toEqual(numbers.map((_, at) => String(at + 1).padStart(4, '0')));
  });
});
