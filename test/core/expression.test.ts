import { describe, expect, test } from 'vitest';
import { compileExpression, type Expression } from '../../server/core/expression.ts';
import { memberMap, type Scope, textMap } from '../../server/core/expression-scope.ts';

const SCOPE: Scope = {
  request: {
    kind: 'members',
    members: {
      model: { kind: 'value', sample: 'm' },
      tokens: { kind: 'value', sample: 1n },
      media: { kind: 'value', sample: ['image/png'] },
    },
  },
  metadata: { kind: 'texts' },
};

function complaint(source: string): string | undefined {
  const compiled = compileExpression(source, SCOPE, 'boolean');
  return compiled.kind === 'bad' ? compiled.message : undefined;
}

function compiled(source: string): Expression {
  const result = compileExpression(source, SCOPE, 'boolean');
  if (result.kind === 'bad') throw new Error(result.message);
  return result.expression;
}

const variables = {
  request: memberMap({ model: () => 'x', tokens: () => 7n, media: () => ['audio/wav'] }),
  metadata: textMap([['tier', 'free']]),
};

describe('an expression', () => {
  test.each([
    ['request.tokens > 5', true],
    ['request.tokens + 1 == 8', true],
    ['metadata.tier == "free"', true],
    ['metadata["tier"] == "free"', true],
    ['metadata.other == ""', true],
    ['metadata.other != "beta"', true],
    ['has(metadata.other)', false],
    ['has(metadata.tier) && "tier" in metadata', true],
    ['request.media.exists(type, type.startsWith("image/"))', false],
    ['request.model.matches("^[a-z]$")', true],
  ])('%s', (source, value) => {
    expect(compiled(source).evaluate(variables)).toEqual({ kind: 'value', value });
  });

  test.each([
    ['request.nope == 1', 'reads request.nope'],
    ['nope == 1', 'reads nope, which there is not; there are request, metadata'],
    ['true || request.nope == 1', 'reads request.nope'],
    ['request.model.more == "x"', 'reads more of request.model'],
    ['metadata.a.b == "x"', 'reads b of metadata.a'],
    ['request.tokens > "x"', 'no matching overload'],
    ['nothere(1)', 'unbound function'],
    ['request.tokens', 'must give a boolean'],
    ['request.tokens >', 'is not CEL'],
    ['"a"'.padEnd(3000, ' '), 'is longer than 2048 bytes'],
    [`${'['.repeat(40)}${']'.repeat(40)} == []`, 'is nested more than 32 deep'],
    ['[1, 2].exists(a, [1, 2].exists(b, a == b))', 'a macro within a macro'],
    ['('.repeat(2000), 'is not CEL'],
  ])('%s is refused before it is used', (source, told) => {
    expect(complaint(source)).toContain(told);
  });

  test('that fails on the sample alone is let through, and says so when it is used', () => {
    const level = textMap([['level', 'x']]);
    const result = compiled('int(metadata.level) > 3').evaluate({ ...variables, metadata: level });
    expect(result.kind).toBe('error');
    expect(compiled('int(metadata.level) > 3').evaluate({ ...variables, metadata: textMap([['level', '4']]) })).toEqual(
      {
        kind: 'value',
        value: true,
      },
    );
  });

  test('does not hang on a pattern that backtracks elsewhere', () => {
    const started = performance.now();
    compiled('request.model.matches("(a+)+$")').evaluate({
      ...variables,
      request: memberMap({ model: () => `${'a'.repeat(20_000)}!` }),
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('asks only for the members that it reads', () => {
    let asked = 0;
    const request = memberMap({
      model: () => 'x',
      tokens: () => {
        asked += 1;
        return 1n;
      },
    });
    compiled('request.model == "x"').evaluate({ ...variables, request });
    expect(asked).toBe(0);
    compiled('request.tokens + request.tokens == 2').evaluate({ ...variables, request });
    expect(asked).toBe(1);
  });
});
