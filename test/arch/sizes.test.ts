import { describe, expect, test } from 'vitest';
import { lineCount, placeOf, readSources, type SourceFile, type SyntaxNode } from './source-tree.ts';

/** The hard bounds. What is usual is less: 300 lines a file, 40 a function, 3 parameters. */
const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 80;
const MAX_PARAMETERS = 4;

/** Files that are one long table or the types of one wire format: longer, but nothing to split. */
const LONG_TABLES: readonly string[] = [];

/** Tables whose rows are written as calls: such a function names the columns. */
const WIDE_TABLES: readonly string[] = ['server/errors/reason-table.ts'];

const FUNCTIONS = new Set([
  'ArrowFunctionExpression',
  'FunctionDeclaration',
  'FunctionExpression',
  'TSMethodSignature',
]);

const sources = readSources('server', 'cli', 'clients', 'scripts');
const everything = [...sources, ...readSources('test')];

function functionsOf(file: SourceFile): readonly SyntaxNode[] {
  return file.nodes.filter((node) => FUNCTIONS.has(node.type));
}

function parametersOf(node: SyntaxNode): number {
  return Array.isArray(node.params) ? node.params.length : 0;
}

function linesOf(file: SourceFile): number {
  return file.text.split('\n').length - 1;
}

describe('nothing is larger than a reader can hold', () => {
  test(`a file has at most ${MAX_FILE_LINES} lines`, () => {
    const long = everything.filter((file) => linesOf(file) > MAX_FILE_LINES && !LONG_TABLES.includes(file.path));
    expect(long.map((file) => `${file.path}:1 has ${linesOf(file)} lines`)).toEqual([]);
  });

  test('every file that may be longer is', () => {
    const long = everything.filter((file) => linesOf(file) > MAX_FILE_LINES).map((file) => file.path);
    expect(LONG_TABLES.filter((path) => !long.includes(path))).toEqual([]);
  });

  test(`a function has at most ${MAX_FUNCTION_LINES} lines`, () => {
    const long = sources.flatMap((file) =>
      functionsOf(file)
        .filter((node) => lineCount(file, node) > MAX_FUNCTION_LINES)
        .map((node) => `${placeOf(file, node.start)} has ${lineCount(file, node)} lines`),
    );
    expect(long).toEqual([]);
  });

  test(`a function has at most ${MAX_PARAMETERS} parameters`, () => {
    const narrow = everything.filter((file) => !WIDE_TABLES.includes(file.path));
    const many = narrow.flatMap((file) =>
      functionsOf(file)
        .filter((node) => parametersOf(node) > MAX_PARAMETERS)
        .map((node) => `${placeOf(file, node.start)} has ${parametersOf(node)} parameters`),
    );
    expect(many).toEqual([]);
  });
});
