import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { checkExpression, type Scope, sampleOf } from './expression-scope.ts';

/** What an expression says of a call. An error is a value: what follows from it is the reader's to say. */
export type ExpressionResult =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly message: string };

/** An expression in CEL, compiled. */
export interface Expression {
  readonly source: string;
  /** Never throws. Members of `variables` may be getters: only those that are read are asked for. */
  evaluate(variables: Readonly<Record<string, CelInput>>): ExpressionResult;
}

export type CompiledExpression =
  | { readonly kind: 'ok'; readonly expression: Expression }
  | { readonly kind: 'bad'; readonly message: string };

/** In bytes of UTF-8. */
const MAX_SOURCE_BYTES = 2048;

/** What the wrong kind of value leads to; other errors may hang on the sample alone. */
const TYPE_ERROR =
  /^(?:found no matching overload|unresolved attribute|field not found|unbound function|type mismatch)/;

const env = celEnv();

/**
 * Compiles a CEL expression (github.com/google/cel-spec) that reads the variables of a scope. Names that are not there are
 * refused, also in branches that no sample would take; types are tried on a sample. Regular expressions are RE2's, which
 * take time in proportion to their input.
 */
export function compileExpression(source: string, scope: Scope, wanted: 'boolean' | 'string'): CompiledExpression {
  if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) return bad(`is longer than ${MAX_SOURCE_BYTES} bytes`);
  try {
    const parsed = parse(source);
    const complaint = checkExpression(parsed.expr, scope);
    if (complaint !== undefined) return bad(complaint);
    const run = plan(env, parsed);
    const evaluate: Expression['evaluate'] = (variables) => outcome(run(variables));
    const expression: Expression = Object.freeze({ source, evaluate });
    const tried = expression.evaluate(sampleOf(scope));
    if (tried.kind === 'error' && TYPE_ERROR.test(tried.message)) return bad(tried.message);
    if (tried.kind === 'value' && typeof tried.value !== wanted) return bad(`must give a ${wanted}`);
    return { kind: 'ok', expression };
  } catch (thrown) {
    return bad(`is not CEL: ${thrown instanceof Error ? thrown.message.replace('<input>:', '') : String(thrown)}`);
  }
}

function bad(message: string): CompiledExpression {
  return { kind: 'bad', message };
}

function outcome(result: unknown): ExpressionResult {
  return isCelError(result) ? { kind: 'error', message: result.message } : { kind: 'value', value: result };
}
