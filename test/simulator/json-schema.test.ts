import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../server/core/json.ts';
import { valueForSchema } from '../../server/simulator/json-schema.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

/** What is wrong with the value made for a schema; empty where nothing. */
function complaints(schema: JsonValue, seed: number): unknown {
  const value = valueForSchema(schema, seed);
  const validate = ajv.compile(schema as object | boolean);
  return validate(value) ? [] : { value, errors: validate.errors };
}

const node = {
  type: 'object',
  properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } },
  required: ['name'],
};

const SCHEMAS: readonly (readonly [string, JsonValue])[] = [
  ['nothing said', {}],
  [
    'an object with all types',
    {
      type: 'object',
      properties: {
        text: { type: 'string' },
        whole: { type: 'integer' },
        number: { type: 'number' },
        yes: { type: 'boolean' },
        none: { type: 'null' },
        list: { type: 'array', items: { type: 'string' } },
      },
      required: ['text', 'whole', 'number', 'yes', 'none', 'list'],
      additionalProperties: false,
    },
  ],
  ['enum', { enum: ['a', 2, null] }],
  ['const', { const: { a: [1] } }],
  ['a nullable type', { type: ['string', 'null'] }],
  ['anyOf with null', { anyOf: [{ type: 'integer', minimum: 3 }, { type: 'null' }] }],
  [
    'oneOf of objects',
    { oneOf: [{ type: 'object', properties: { kind: { const: 'a' } }, required: ['kind'] }, { type: 'string' }] },
  ],
  [
    'allOf',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'integer' } }, required: ['b'] },
      ],
    },
  ],
  ['a reference beside other words', { $ref: '#/$defs/named', $defs: { named: { type: 'string', minLength: 40 } } }],
  ['a list that names itself', { $ref: '#/$defs/node', $defs: { node } }],
  [
    'a required choice that names itself',
    {
      $ref: '#/$defs/tree',
      $defs: {
        leaf: { type: 'string' },
        tree: {
          type: 'object',
          properties: {
            left: { anyOf: [{ $ref: '#/$defs/tree' }, { $ref: '#/$defs/leaf' }] },
            right: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] },
          },
          required: ['left', 'right'],
        },
      },
    },
  ],
  [
    'a reference to the root',
    { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } }, required: ['children'] },
  ],
  [
    'bounds of numbers',
    {
      type: 'object',
      properties: {
        a: { type: 'integer', minimum: 5, maximum: 5 },
        b: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
        c: { type: 'integer', maximum: -3 },
        d: { type: 'number', multipleOf: 0.01, minimum: 0.1, maximum: 0.2 },
        e: { type: 'integer', multipleOf: 7, minimum: 8 },
      },
    },
  ],
  [
    'bounds of strings',
    {
      type: 'array',
      prefixItems: [
        { type: 'string', maxLength: 3 },
        { type: 'string', minLength: 50 },
      ],
      items: false,
    },
  ],
  ['bounds of lists', { type: 'array', items: { type: 'string' }, minItems: 4, maxItems: 5, uniqueItems: true }],
  ['unique integers', { type: 'array', items: { type: 'integer' }, minItems: 4, uniqueItems: true }],
  ['bounds of objects', { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 3 }],
  [
    'formats',
    {
      type: 'object',
      properties: Object.fromEntries(
        ['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri'].map((format) => [
          format,
          { type: 'string', format },
        ]),
      ),
    },
  ],
];

test.each(SCHEMAS)('the value keeps to the schema: %s', (_, schema) => {
  for (const seed of [0, 1, 7, 4_000_000_000]) expect(complaints(schema, seed)).toEqual([]);
});

const anySchema = fc.letrec<{ schema: JsonValue }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constant({ type: 'boolean' }),
    fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(90))
      .map(([minimum, span]) => ({ type: 'integer', minimum, maximum: minimum + span })),
    fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(90))
      .map(([minimum, span]) => ({ type: 'number', minimum, maximum: minimum + span + 1 })),
    fc
      .tuple(fc.nat(30), fc.nat(30))
      .map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    fc
      .tuple(tie('schema'), fc.nat(3), fc.nat(3))
      .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
    fc
      .tuple(fc.dictionary(fc.string({ minLength: 1 }), tie('schema'), { maxKeys: 4 }), fc.boolean())
      .map(([properties, all]) => ({
        type: 'object',
        properties,
        required: all ? Object.keys(properties) : [],
        additionalProperties: false,
      })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
})).schema;

test('the value keeps to any schema of what is understood', () => {
  fc.assert(
    fc.property(anySchema, fc.nat(), (schema, seed) => {
      expect(complaints(schema, seed)).toEqual([]);
    }),
  );
});

test('the same schema and seed have the same value', () => {
  fc.assert(
    fc.property(anySchema, fc.nat(), (schema, seed) => {
      expect(valueForSchema(schema, seed)).toEqual(valueForSchema(schema, seed));
    }),
  );
});

test('a schema that requires itself comes to an end all the same', () => {
  const schema = { type: 'object', properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] };
  expect(JSON.stringify(valueForSchema(schema, 1)).length).toBeGreaterThan(0);
  expect(valueForSchema({ $ref: '#' }, 1)).toBeTypeOf('string');
});
