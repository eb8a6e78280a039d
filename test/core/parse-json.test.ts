import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, numberOf } from '../../server/core/json.ts';
import { parseJson } from '../../server/core/parse-json.ts';

const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: most }).map((list) => list.join(''));

/** Any spelling of a number that JSON allows. */
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      fc.tuple(fc.constantFrom(...'123456789'), digits(0, 24)).map((pair) => pair.join('')),
    ),
    fc.oneof(
      fc.constant(''),
      digits(1, 24).map((text) => `.${text}`),
    ),
    fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), digits(1, 3)).map((pair) => pair.join('')),
    ),
  )
  .map((parts) => parts.join(''));

const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    number,
    fc.constantFrom('true', 'false', 'null', '": 1.0,"', '"\\""', '"\\\\"'),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.array(tie('json')).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(
        fc.tuple(
          fc.string({ unit: 'binary' }).map((name) => `_${name}`),
          tie('json'),
        ),
        {
          selector: ([name]) => name,
        },
      )
      .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
}));

describe('JSON text', () => {
  it('is written as it was read, every number in its spelling', () => {
    fc.assert(
      fc.property(json, (text) => {
        const whole = `{"x":${text}}`;
        expect(JSON.stringify(parseJson(whole))).toBe(whole);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps its numbers with any space about them', () => {
    const space = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
    fc.assert(
      fc.property(number, space, space, (text, before, behind) => {
        expect(JSON.stringify(parseJson(`{"a" :${before}[${before}${text}${behind}]${behind}}`))).toBe(
          `{"a":[${text}]}`,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('has the values that JSON.parse finds, whether spelled oddly or not', () => {
    fc.assert(
      fc.property(number, (text) => {
        const [value] = parseJson(`[${text}]`) as never[];
        expect(numberOf(value)).toBe(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '{"a":01.0}',
    '{1.0:2}',
    '[1.0 2.0]',
    '[+1.0]',
    '{"a":1.0,}',
    '[1.0',
    '["a" 1.0]',
    '[1.0,"abc',
    '[-]',
    '[1.0e]',
    '1.0x',
  ])('that is none is refused in the words of JSON.parse: %s', (text) => {
    const said = (parse: (text: string) => unknown): string => {
      try {
        return `read: ${parse(text)}`;
      } catch (thrown) {
        return String(thrown);
      }
    };
    expect(said(parseJson)).toBe(said(JSON.parse));
  });

  it('of a member given twice has the last one', () => {
    expect(JSON.stringify(parseJson('{"a":1.0,"a":"x","b":"y","b":2.0}'))).toBe('{"a":"x","b":2.0}');
  });

  it('with a member __proto__ has a member of that name and no other prototype', () => {
    const value = parseJson('{"__proto__":1.0,"a":{"__proto__":{"b":1e400}}}') as object;
    expect(JSON.stringify(value)).toBe('{"__proto__":1.0,"a":{"__proto__":{"b":1e400}}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('of endless nesting is read without a fault', () => {
    expect(() => parseJson(`${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`)).not.toThrow();
  });

  it('with halves of surrogate pairs keeps them', () => {
    expect(JSON.stringify(parseJson('{"a":"\\ud800","n":1.0}'))).toBe('{"a":"\\ud800","n":1.0}');
  });

  it('cannot pass an object off as a number', () => {
    const value = parseJson('{"a":{"rawJSON":"1.0"},"b":1.0}') as Record<string, never>;
    expect([isJsonObject(value['a']), numberOf(value['a'])]).toEqual([true, undefined]);
    expect([isJsonObject(value['b']), numberOf(value['b'])]).toEqual([false, 1]);
  });
});
