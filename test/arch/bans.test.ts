import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isNode, listFiles, placeOf, ROOT, readSources, type SourceFile, type SyntaxNode } from './source-tree.ts';

/** Syntax that is banned, each with what it is and a test of one node. */
type Ban = readonly [what: string, isBanned: (node: SyntaxNode) => boolean];

/** The two entries of processes, and the folder that wraps time and chance for all others. */
const isExempt = (file: SourceFile): boolean =>
  file.path.startsWith('server/core/') || file.path === 'server/main.ts' || file.path === 'server/simulator/main.ts';

const server = readSources('server');
const cli = readSources('cli');

const isMember = (node: SyntaxNode, object: string, property?: string): boolean =>
  node.type === 'MemberExpression' &&
  isNode(node.object) &&
  node.object.name === object &&
  (property === undefined || (isNode(node.property) && node.property.name === property));

/** Only core/ and the entries may: everything else gets a Clock, a Random, a Logger and Settings. */
const OUTSIDE_WORLD: readonly Ban[] = [
  ['Date.now', (node) => isMember(node, 'Date', 'now')],
  [
    'new Date()',
    (node) =>
      node.type === 'NewExpression' &&
      isNode(node.callee) &&
      node.callee.name === 'Date' &&
      Array.isArray(node.arguments) &&
      node.arguments.length === 0,
  ],
  ['performance.now', (node) => isMember(node, 'performance', 'now')],
  ['Math.random', (node) => isMember(node, 'Math', 'random')],
  ['process.env', (node) => isMember(node, 'process', 'env')],
  ['console', (node) => isMember(node, 'console')],
];

/** Nobody may: each hides from the compiler or from the reader. */
const HIDDEN_TRUTH: readonly Ban[] = [
  ['any', (node) => node.type === 'TSAnyKeyword'],
  ['the non-null !', (node) => node.type === 'TSNonNullExpression'],
  ['a default export', (node) => node.type === 'ExportDefaultDeclaration'],
];

function findBanned(files: readonly SourceFile[], [what, isBanned]: Ban): readonly string[] {
  return files.flatMap((file) => file.nodes.filter(isBanned).map((node) => `${placeOf(file, node.start)} has ${what}`));
}

describe('server/ takes time, chance, settings and output from its parameters', () => {
  test.each(OUTSIDE_WORLD)('no %s', (...ban) => {
    expect(
      findBanned(
        server.filter((file) => !isExempt(file)),
        ban,
      ),
    ).toEqual([]);
  });
});

describe('server/ and cli/ hide nothing', () => {
  test.each(HIDDEN_TRUTH)('no %s', (...ban) => {
    expect(findBanned([...server, ...cli], ban)).toEqual([]);
  });
});

const TEXT_FILE =
  /\.(?:cfg|css|go|html|json|md|mod|proto|py|sh|sql|toml|ts|tsx|txt|ya?ml)$|(?:^|\/)(?:\.[a-z]+|run|LICENSE)$/;

/** Recorded answers of providers hold whatever the providers wrote; lock files hold what registries wrote. */
const FOREIGN_TEXT = /(?:^|\/)(?:fixtures|gen)\/|(?:-lock\.json|\.lock|\.sum)$|^proto\/(?:buf|google)\//;

const ownTexts = listFiles('.')
  .filter((file) => TEXT_FILE.test(file) && !FOREIGN_TEXT.test(file))
  .map((file) => ({ file, lines: readFileSync(path.join(ROOT, file), 'utf8').split('\n') }));

/** A file's path, a pattern for its lines. The patterns hold brackets, so that this file does not hold what it seeks. */
const BANNED_TEXTS: readonly (readonly [what: string, where: RegExp, pattern: RegExp])[] = [
  ['a mark of unfinished work', /./, /\b(?:[T]ODO|[F]IXME|[X]XX)\b/],
  [
    'a path of one machine',
    /./,
    /(?:^|[\s"'`(=:])\/(?:[w]ork|[f]arm|[h]ome\/\w+|[r]oot|[U]sers\/\w+|tmp\/[b]ash_\w+)(?:\/|\b)/,
  ],
  ['a silenced compiler', /^(?:server|cli|clients|scripts|bench)\//, /@[t]s-(?:ignore|nocheck|expect-error)/],
  ['a silenced linter', /^(?:server|cli|clients|scripts|bench)\//, /[b]iome-ignore/],
  ['a test that runs alone', /^test\//, /\b(?:describe|test|it)\.[o]nly\b/],
];

describe("the texts of the repository are finished and nobody's alone", () => {
  test.each(BANNED_TEXTS)('no %s', (_, where, pattern) => {
    const found = ownTexts
      .filter(({ file }) => where.test(file))
      .flatMap(({ file, lines }) =>
        lines.flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1} ${line.trim().slice(0, 100)}`] : [])),
      );
    expect(found).toEqual([]);
  });
});
