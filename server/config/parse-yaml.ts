import { type Alias, isAlias, isNode, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml';

/** Where something stands in a text; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as a tree of nodes that know their offsets. JSON is YAML, so this reads both. */
export interface YamlTree {
  /** Undefined for an empty text, and where there are errors. */
  readonly root: Node | undefined;
  /** What each alias stands for; one that names no anchor before it is missing. */
  readonly aliasTargets: ReadonlyMap<Alias, Node>;
  readonly errors: readonly SyntaxFinding[];
  /** The position of an offset in characters. */
  positionOf(offset: number): TextPosition;
}

export interface SyntaxFinding {
  readonly offset: number;
  readonly message: string;
}

/** In characters. The largest useful configuration, with ten thousand routes, is smaller. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** Parses one document of YAML 1.2. Never throws: whatever is wrong is among the errors. */
export function parseYaml(text: string): YamlTree {
  const lines = new LineCounter();
  const positionOf = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset);
    // The counter begins at 0 where nothing was parsed.
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (text.length > MAX_LENGTH) {
    const errors = [{ offset: 0, message: `The file is longer than ${MAX_LENGTH} characters.` }];
    return { root: undefined, aliasTargets: new Map(), errors, positionOf };
  }
  // Keys that stand twice are left to the decoder, which knows their paths.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
  });
  const errors = [...document.errors, ...document.warnings];
  // What a broken text parses to would bring only misleading findings.
  const root = errors.length === 0 ? (document.contents ?? undefined) : undefined;
  return { root, aliasTargets: findAliasTargets(root), errors: describeErrors(errors), positionOf };
}

/** An alias means the nearest node before it that bears its anchor (YAML 1.2.2, 7.1). */
function findAliasTargets(root: Node | undefined): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  if (root === undefined) return targets;
  visit(root, (_, node) => {
    if (!isNode(node)) return;
    if (!isAlias(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      return;
    }
    const target = anchors.get(node.source);
    if (target !== undefined) targets.set(node, target);
  });
  return targets;
}

function describeErrors(errors: readonly YAMLError[]): readonly SyntaxFinding[] {
  // The parser reports a nesting that is too deep once for each level on its way out.
  const tooDeep = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  const shown = tooDeep === undefined ? errors : [tooDeep];
  return shown.map((error) => ({ offset: error.pos[0], message: WORDS[error.code] ?? describeOther(error) }));
}

/** Where the parser's own words would not help the writer of a configuration. */
const WORDS: { readonly [code in YAMLError['code']]?: string } = {
  MULTIPLE_DOCS: 'A configuration is one document: leave out the second "---".',
  NON_STRING_KEY: 'Names of fields must be plain text.',
  RESOURCE_EXHAUSTION: 'Lists and mappings are nested too deeply.',
  TAB_AS_INDENT: 'Tabs cannot indent YAML: use spaces.',
};

function describeOther(error: YAMLError): string {
  const line = error.message.split('\n', 1)[0] ?? '';
  return `This is not YAML: ${line.slice(0, 160)}`;
}
