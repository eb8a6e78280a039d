import { compileExpression, type Expression } from '../core/expression.ts';
import { CALL_SCOPE, TARGET_SCOPE } from '../routing/variables.ts';

/** What stands in a place for an expression: what it may read and what it must give. */
const KINDS = {
  /** A condition on a call. */
  call: { scope: CALL_SCOPE, wanted: 'boolean' },
  /** A condition on a target of a call. */
  target: { scope: TARGET_SCOPE, wanted: 'boolean' },
  /** A text of a call. */
  text: { scope: CALL_SCOPE, wanted: 'string' },
} as const;

export type ExpressionKind = keyof typeof KINDS;

/** What is wrong with an expression; undefined where nothing is. An empty one is no expression. */
export function complaintOfExpression(source: string, kind: ExpressionKind): string | undefined {
  if (source === '') return undefined;
  const compiled = compileExpression(source, KINDS[kind].scope, KINDS[kind].wanted);
  return compiled.kind === 'bad' ? compiled.message : undefined;
}

/** Compiles an expression that has been checked. Undefined for an empty one. */
export function compileChecked(source: string, kind: ExpressionKind): Expression | undefined {
  if (source === '') return undefined;
  const compiled = compileExpression(source, KINDS[kind].scope, KINDS[kind].wanted);
  if (compiled.kind === 'bad') throw new Error(compiled.message);
  return compiled.expression;
}
