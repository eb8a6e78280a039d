import { type CelInput, type CelMap, celMap, type parse } from '@bufbuild/cel';

/** What expressions may read: a value, a map of texts with any names, or named members. A sample stands for a value. */
export type Shape =
  | { readonly kind: 'value'; readonly sample: CelInput }
  | { readonly kind: 'texts' }
  | { readonly kind: 'members'; readonly members: Scope };

export type Scope = Readonly<Record<string, Shape>>;

/** A node of CEL's syntax tree. */
type Node = ReturnType<typeof parse>['expr'];

/** How deep the tree of an expression may be. */
const MAX_DEPTH = 32;

/** Names of types, which expressions compare with. */
const TYPE_NAMES = new Set(['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint']);

/** A map of texts whose missing names read as the empty text, so that a comparison with them is no error. */
export function textMap(texts: Iterable<readonly [string, string]>): CelMap {
  const known = new Map(texts);
  return Object.assign(celMap(new Map(known)), {
    get: (key: unknown) => known.get(String(key)) ?? '',
    has: (key: unknown) => known.has(String(key)),
  });
}

/** A map whose members are made when they are read, each once. A member that is undefined is not there. */
export function memberMap(members: Readonly<Record<string, () => CelInput | undefined>>): CelMap {
  const made = new Map<string, CelInput>();
  const lazy = celMap(made);
  const own = lazy.get.bind(lazy);
  const get: CelMap['get'] = (key) => {
    if (typeof key !== 'string' || !Object.hasOwn(members, key)) return undefined;
    if (!made.has(key)) {
      const value = members[key]?.();
      if (value !== undefined) made.set(key, value);
    }
    return own(key);
  };
  return Object.assign(lazy, { get, has: (key: Parameters<CelMap['get']>[0]) => get(key) !== undefined });
}

/** Variables on which an expression is tried. */
export function sampleOf(scope: Scope): Readonly<Record<string, CelInput>> {
  return Object.fromEntries(Object.entries(scope).map(([name, shape]) => [name, sampleOfShape(shape)]));
}

function sampleOfShape(shape: Shape): CelInput {
  if (shape.kind === 'value') return shape.sample;
  if (shape.kind === 'texts') return textMap([]);
  return celMap(new Map(Object.entries(sampleOf(shape.members))));
}

/** What of an expression is not as it must be; undefined where all is. */
export function checkExpression(root: Node, scope: Scope): string | undefined {
  try {
    walk(root, { scope, bound: new Set(), depth: 1, inMacro: false });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Complaint) return thrown.message;
    throw thrown;
  }
}

class Complaint extends Error {}

interface Walk {
  readonly scope: Scope;
  /** Names that macros bind. */
  readonly bound: ReadonlySet<string>;
  readonly depth: number;
  readonly inMacro: boolean;
}

function walk(node: Node | undefined, at: Walk): void {
  if (node === undefined) return;
  if (at.depth > MAX_DEPTH) throw new Complaint(`is nested more than ${MAX_DEPTH} deep`);
  const kind = node.exprKind;
  if (kind.case === 'identExpr' || kind.case === 'selectExpr') {
    const path = pathOf(node);
    if (path !== undefined) {
      checkPath(path, at);
      return;
    }
  }
  if (kind.case === 'comprehensionExpr') {
    // Macros within macros multiply their lists: a short expression could hold a call up for seconds.
    if (at.inMacro) throw new Complaint('has a macro within a macro');
    const { iterVar, accuVar } = kind.value;
    walk(kind.value.iterRange, { ...at, depth: at.depth + 1 });
    const bound = new Set([...at.bound, iterVar, accuVar]);
    const inner = { ...at, bound, depth: at.depth + 1, inMacro: true };
    for (const part of [kind.value.accuInit, kind.value.loopCondition, kind.value.loopStep, kind.value.result]) {
      walk(part, inner);
    }
    return;
  }
  for (const child of childrenOf(node)) walk(child, { ...at, depth: at.depth + 1 });
}

function childrenOf({ exprKind }: Node): readonly (Node | undefined)[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return [exprKind.value.operand];
    case 'callExpr':
      return [exprKind.value.target, ...exprKind.value.args];
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return exprKind.value.entries.flatMap((entry) => [
        entry.keyKind.case === 'mapKey' ? entry.keyKind.value : undefined,
        entry.value,
      ]);
    default:
      return [];
  }
}

/** As in request.model; undefined where what is selected from is no name. */
function pathOf({ exprKind }: Node): readonly string[] | undefined {
  if (exprKind.case === 'identExpr') return [exprKind.value.name];
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined) return undefined;
  const above = pathOf(exprKind.value.operand);
  return above === undefined ? undefined : [...above, exprKind.value.field];
}

function checkPath([root = '', ...names]: readonly string[], { scope, bound }: Walk): void {
  if (bound.has(root) || (TYPE_NAMES.has(root) && names.length === 0)) return;
  let shape: Shape = { kind: 'members', members: scope };
  let path = '';
  for (const name of [root, ...names]) {
    if (shape.kind === 'value') throw new Complaint(`reads ${name} of ${path}, which has no members`);
    if (shape.kind === 'texts') {
      shape = { kind: 'value', sample: '' };
    } else {
      const next: Shape | undefined = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
      if (next === undefined) throw new Complaint(unknownName(name, path, Object.keys(shape.members)));
      shape = next;
    }
    path = path === '' ? name : `${path}.${name}`;
  }
}

function unknownName(name: string, path: string, known: readonly string[]): string {
  return `reads ${path === '' ? name : `${path}.${name}`}, which there is not; there are ${known.join(', ')}`;
}
