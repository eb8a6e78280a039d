import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadText, problemsOf, snapshotOf } from '../support/config.ts';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
const model = fc.string({ minLength: 1, maxLength: 30 });
const duration = fc
  .tuple(fc.integer({ min: 1, max: 299 }), fc.constantFrom('ms', 's'))
  .map(([count, unit]) => `${count}${unit}`);

/** Configurations that are right, as plain data. */
const rightConfig = fc.uniqueArray(name, { minLength: 1, maxLength: 5 }).chain((names) =>
  fc.record({
    providers: fc.tuple(
      ...names.map((own) =>
        fc.record(
          {
            name: fc.constant(own),
            dialect: fc.constant('openai-chat'),
            base_url: fc.webUrl({ validSchemes: ['https'] }),
            allow_private_address: fc.boolean(),
            models: fc.array(model, { maxLength: 3 }),
          },
          { requiredKeys: ['name', 'dialect', 'base_url'] },
        ),
      ),
    ),
    routes: fc.uniqueArray(
      fc.record(
        {
          name: model,
          targets: fc.array(fc.record({ provider: fc.constantFrom(...names), model }), { minLength: 1, maxLength: 3 }),
          timeouts: fc.record({ total: duration, connect: duration }, { requiredKeys: [] }),
        },
        { requiredKeys: ['name', 'targets'] },
      ),
      { selector: (route) => route.name, maxLength: 5 },
    ),
  }),
);

const spelling = fc.constantFrom<(value: unknown) => string>(
  (value) => stringify(value),
  (value) => stringify(value, { collectionStyle: 'flow' }),
  (value) => stringify(value, { indent: 4, indentSeq: false }),
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, undefined, 2),
);

describe('files that are right', () => {
  test('load, and keep every name as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(rightConfig, spelling, async (config, spell) => {
        const snapshot = await snapshotOf(spell(config));
        expect([...snapshot.providers.keys()]).toEqual(config.providers.map((provider) => provider.name));
        expect(
          [...snapshot.routes.values()].map((route) => [route.name, route.targets.map((target) => target.model)]),
        ).toEqual(config.routes.map((route) => [route.name, route.targets.map((target) => target.model)]));
      }),
    );
  });

  test('have one revision, however they are spelt', async () => {
    await fc.assert(
      fc.asyncProperty(rightConfig, spelling, spelling, async (config, one, two) => {
        const [left, right] = [await snapshotOf(one(config)), await snapshotOf(two(config))];
        expect(left.revision).toBe(right.revision);
      }),
      { numRuns: 50 },
    );
  });
});

/** One wrong field, as lines of block YAML below "  - name: …". */
const wrongLine = fc.constantFrom(
  'nonsense: 1',
  'models: 5',
  'allow_private_address: maybe',
  'auth_scheme: COOKIE',
  'credential: sk-not-a-reference',
  'headers: [a]',
);

describe('the place of a problem', () => {
  test('is the line and column where the bad field stands, wherever that is', async () => {
    const padding = fc.array(fc.constantFrom('', '# comment', '   # indented comment'), { maxLength: 4 });
    const counts = fc.record({ before: fc.nat(5), after: fc.nat(5), indent: fc.integer({ min: 0, max: 6 }) });
    await fc.assert(
      fc.asyncProperty(wrongLine, padding, counts, fc.constantFrom('\n', '\r\n'), async (wrong, pad, at, newline) => {
        const margin = ' '.repeat(at.indent);
        const right = (index: number): string[] => [`${margin}- name: p${index}`, ...pad, `${margin}  preset: ollama`];
        const lines = [
          ...pad,
          'providers:',
          ...Array.from({ length: at.before }, (_, index) => right(index)).flat(),
          ...right(100),
          `${margin}  ${wrong}`,
          ...Array.from({ length: at.after }, (_, index) => right(200 + index)).flat(),
        ];
        const problems = await problemsOf(lines.join(newline));
        const field = wrong.split(':', 1)[0];
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatchObject({
          file: 'sluice.yaml',
          line: lines.indexOf(`${margin}  ${wrong}`) + 1,
          column: at.indent + 3,
          path: `providers[${at.before}].${field}`,
        });
      }),
    );
  });
});

describe('files that are anything', () => {
  const TEXT = `providers:
  - name: replay
    dialect: openai-chat
    base_url: http://127.0.0.1:9000/v1
    headers: {x-a: "1", x-b: &b 'two'}
routes:
  - {name: fast, targets: [{provider: replay, model: some-model}], timeouts: {total: 10s}}
  - name: other
    targets:
      - {provider: replay, model: *b}
keys:
  - {id: app, secret: env:KEY}
cors: {allowed_origins: ["*"]}
`;
  const edit = fc.record({
    at: fc.nat(TEXT.length),
    remove: fc.nat(12),
    insert: fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        '\t',
        '\n',
        '- ',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '&a ',
        '*a',
        '*b',
        '!!x ',
        '|',
        '>',
        '? ',
        '---\n',
        '%YAML 1.1\n',
        '<<: ',
        '\u0000',
        '\ud800',
        '"\\ud800"',
        '"\\ud800": 1\n',
        '__proto__: 1\n',
      ),
    ),
  });

  test('never make loading fail in another way than by problems with a place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        let text = TEXT;
        for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
        const result = await loadText(text, { env: { KEY: 'sk' } });
        if (result.kind === 'ok') return;
        const lines = text.split(/\r\n|\r|\n/).length;
        expect(result.problems).not.toEqual([]);
        for (const problem of result.problems) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.line).toBeLessThanOrEqual(lines);
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(problem.message).not.toBe('');
        }
      }),
      { numRuns: 400 },
    );
  });

  test('of random characters, or of random JSON, neither', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json()), async (text) => {
        expect(['ok', 'bad']).toContain((await loadText(text)).kind);
      }),
      { numRuns: 300 },
    );
  });
});
