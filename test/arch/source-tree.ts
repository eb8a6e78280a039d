import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of a syntax tree in ESTree's form, with the TypeScript nodes added to it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** A file of the repository, parsed. */
export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Every node of its syntax tree, parents before children. */
  readonly nodes: readonly SyntaxNode[];
}

/** One import, static or dynamic, of a value or a type. */
export interface Import {
  readonly from: SourceFile;
  /** As written, when it names a package; else the path of the file from the repository's root. */
  readonly target: string;
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** file:line of the import. */
  readonly place: string;
}

export const ROOT = path.resolve(import.meta.dirname, '../..');

const SKIPPED_FOLDERS = new Set(['.git', '.sluice', '.venv', 'dist', 'node_modules']);

/** All files below a folder, from the repository's root and in a fixed order. */
export function listFiles(folder: string): readonly string[] {
  const found: string[] = [];
  for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) found.push(...listFiles(name));
    if (entry.isFile()) found.push(name);
  }
  return found.sort();
}

/** Every TypeScript file below the folders that is written by hand. */
export function readSources(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap(listFiles)
    .filter((file) => file.endsWith('.ts') && !file.split('/').includes('gen'))
    .map(readSource);
}

function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return { path: file, text, nodes: nodesBelow(parse(file, text)) };
}

function parse(file: string, text: string): SyntaxNode {
  try {
    return parseAst(text, { lang: 'ts' }, file) as unknown as SyntaxNode;
  } catch (cause) {
    throw new Error(`${file} cannot be parsed`, { cause });
  }
}

/** Where an offset of a file is, as file:line. */
export function placeOf(file: SourceFile, offset: number): string {
  return `${file.path}:${file.text.slice(0, offset).split('\n').length}`;
}

/** How many lines a node covers, its first and last included. */
export function lineCount(file: SourceFile, node: SyntaxNode): number {
  return file.text.slice(node.start, node.end).split('\n').length;
}

function nodesBelow(node: SyntaxNode, found: SyntaxNode[] = []): readonly SyntaxNode[] {
  found.push(node);
  for (const member of Object.values(node)) {
    for (const child of Array.isArray(member) ? member : [member]) {
      if (isNode(child)) nodesBelow(child, found);
    }
  }
  return found;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** Everything that a file imports, re-exports included. */
export function importsOf(file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  for (const node of file.nodes) {
    const written = specifierOf(node);
    if (written === undefined) continue;
    const target = written.startsWith('.') ? path.posix.join(path.posix.dirname(file.path), written) : written;
    found.push({ from: file, target, typeOnly: isTypeOnly(node), place: placeOf(file, node.start) });
  }
  return found;
}

const IMPORTING = new Set([
  'ExportAllDeclaration',
  'ExportNamedDeclaration',
  'ImportDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function specifierOf(node: SyntaxNode): string | undefined {
  const source = IMPORTING.has(node.type) ? node.source : undefined;
  return isNode(source) && typeof source.value === 'string' ? source.value : undefined;
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type') return true;
  const names = node.specifiers;
  return Array.isArray(names) && names.length > 0 && names.every((name) => name.importKind === 'type');
}
