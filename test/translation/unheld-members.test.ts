import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../server/core/json.ts';
import type { ChatDialectName } from '../../server/dialects/dialect.ts';
import { noteForeignMembers } from '../../server/dialects/foreign-members.ts';
import { createLosses } from '../../server/dialects/losses.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { DOORS, doorOf, PROVIDERS, type ProviderCase, targetOf } from './codecs.ts';
import { BODIES, OPAQUE, STRANGERS } from './full-bodies.ts';

const UNKNOWN = 'x_unknown';
const ENVELOPE = { model: 'asked', stream: false };
type Path = readonly (string | number)[];

/** The paths of all objects of a body whose members are the format's. */
function objectsIn(value: JsonValue | undefined, opaque: RegExp, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || opaque.test(spelled(path))) return [];
  const inner = Array.isArray(value)
    ? value.flatMap((item: JsonValue, at) => objectsIn(item, opaque, [...path, at]))
    : Object.entries(value).flatMap(([name, item]) => objectsIn(item, opaque, [...path, name]));
  return Array.isArray(value) ? inner : [path, ...inner];
}

const spelled = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

/** Tools that may not be chosen are left out with the choice. */
function withoutChoice(body: JsonObject): JsonObject {
  const { tool_choice: _, toolConfig, ...rest } = structuredClone(body);
  const { toolChoice: _choice, functionCallingConfig: _calling, ...config } = (toolConfig ?? {}) as JsonObject;
  return { ...rest, ...(toolConfig !== undefined && { toolConfig: config }) };
}

function withMember(body: JsonObject, path: Path, member: JsonObject): JsonObject {
  const copy = structuredClone(body);
  const place = path.reduce<JsonObject>((at, key) => at[key] as JsonObject, copy);
  Object.assign(place, member);
  return copy;
}

function warningsOf({ codec, models: [model] }: ProviderCase, dialect: ChatDialectName, body: JsonObject) {
  const { generation, wire } = doorOf(dialect).codec.decodeRequest(body, ENVELOPE);
  try {
    const request = codec.encodeRequest(generation, { ...targetOf(model), wire });
    return { sent: JSON.stringify(request.body), fields: request.warnings.map(({ field }) => field) };
  } catch (thrown) {
    if (thrown instanceof SluiceError) return { sent: '', fields: [thrown.param ?? ''] };
    throw thrown;
  }
}

describe.each(DOORS)('an invented member of a request in the format $dialect', ({ dialect }) => {
  const body = BODIES[dialect];
  const paths = objectsIn(body, OPAQUE[dialect]);
  const own = PROVIDERS.find((provider) => provider.dialect === dialect) as ProviderCase;
  const others = PROVIDERS.filter((provider) => provider.dialect !== dialect);

  it('goes along within the format, wherever it stands', () => {
    for (const path of paths) {
      const { sent, fields } = warningsOf(own, dialect, withMember(body, path, { [UNKNOWN]: 4321 }));
      expect([spelled(path), sent.includes(`"${UNKNOWN}":4321`), fields]).toEqual([spelled(path), true, []]);
    }
  });

  it.each(others)('is named where $dialect is written, wherever it stands', (provider) => {
    const silent = paths.filter((path) => {
      const at = [...path, UNKNOWN];
      return !warningsOf(provider, dialect, withMember(body, path, { [UNKNOWN]: 4321 })).fields.includes(spelled(at));
    });
    expect(silent.map(spelled)).toEqual([]);
  });

  it('is the only one that is named: all others are held', () => {
    const losses = createLosses();
    noteForeignMembers({ dialect, json: body }, losses);
    expect(losses.warnings.map(({ field }) => field)).toEqual([]);
  });

  it.each(others)('a part or tool of an unknown kind is told of where $dialect is written', (provider) => {
    const known = warningsOf(provider, dialect, body).fields;
    for (const [list, stranger] of STRANGERS[dialect]) {
      const place = (at: JsonObject): JsonValue[] =>
        list.reduce<unknown>((inner, key) => (inner as JsonObject)[key], at) as JsonValue[];
      const copy = withoutChoice(body);
      place(copy).push(stranger);
      const { fields } = warningsOf(provider, dialect, copy);
      const told = fields.some((field) => field.startsWith('generation.tools') || !known.includes(field));
      expect([spelled(list), told]).toEqual([spelled(list), true]);
    }
  });
});

describe('a hostile body', () => {
  const told = (dialect: ChatDialectName, json: JsonObject): readonly string[] => {
    const losses = createLosses();
    noteForeignMembers({ dialect, json }, losses);
    return losses.warnings.map(({ field }) => field);
  };

  it.each(DOORS)('of a million unknown members has few warnings in the format $dialect', ({ dialect }) => {
    const json = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`x${at}${'y'.repeat(at % 200)}`, 1]));
    const fields = told(dialect, json);
    expect(fields).toHaveLength(65);
    expect(Math.max(...fields.map((field) => field.length))).toBeLessThan(100);
  });

  it.each(DOORS)('with members of any type throws nothing in the format $dialect', ({ dialect }) => {
    const deep: JsonValue = JSON.parse(`${'{"content":['.repeat(50_000)}${']}'.repeat(50_000)}`);
    for (const value of [1, 'x', true, [[]], [1, null, 'x'], { type: {} }, { type: 'text', text: deep }, deep]) {
      for (const name of Object.keys(BODIES[dialect])) {
        if (['prompt', 'suffix'].includes(name)) continue;
        expect(() => told(dialect, { [name]: value, __proto__: null } as JsonObject)).not.toThrow();
        expect(() => told(dialect, { [name]: [value, value] })).not.toThrow();
      }
    }
  });

  it('with a member __proto__ names it, and nothing else changes', () => {
    expect(told('openai-chat', JSON.parse('{"__proto__":{"a":1},"messages":[{"__proto__":2}]}'))).toEqual([
      '__proto__',
      'messages[0].__proto__',
    ]);
  });
});
