import type { DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { decodeConfig } from '../../server/config/decode-config.ts';
import { decodeDuration, decodeScalar } from '../../server/config/decode-value.ts';
import { parseYaml } from '../../server/config/parse-yaml.ts';

/** Every message of the configuration. */
function messagesOf(message: DescMessage, seen = new Set<DescMessage>()): ReadonlySet<DescMessage> {
  if (seen.has(message) || message.typeName === DurationSchema.typeName) return seen;
  seen.add(message);
  for (const field of message.fields) if (field.message !== undefined) messagesOf(field.message, seen);
  return seen;
}

test('every type of the contract can be written in a file', () => {
  const sample = new Map<ScalarType, unknown>([
    [ScalarType.STRING, 'x'],
    [ScalarType.BOOL, true],
    [ScalarType.UINT32, 7],
    [ScalarType.DOUBLE, 0.5],
  ]);
  for (const message of messagesOf(ConfigSchema)) {
    for (const field of message.fields) {
      if (field.scalar === undefined) continue;
      expect(decodeScalar(field.scalar, sample.get(field.scalar)), `${message.name}.${field.name}`).toMatchObject({
        kind: 'ok',
      });
    }
  }
});

describe('a duration', () => {
  test('is exact to the millisecond in every unit', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat(99_999), unit, (count, name) => {
        const decoded = decodeDuration(`${count}${name}`);
        const total = count * units[name];
        expect(decoded).toMatchObject({
          kind: 'ok',
          value: { seconds: BigInt(Math.floor(total / 1_000)), nanos: (total % 1_000) * 1_000_000 },
        });
      }),
    );
  });

  test('holds parts of a millisecond as whole nanoseconds', () => {
    expect(decodeDuration('0.1ms')).toMatchObject({ kind: 'ok', value: { seconds: 0n, nanos: 100_000 } });
    expect(decodeDuration('0.000000001ms')).toMatchObject({ kind: 'ok', value: { seconds: 0n, nanos: 0 } });
    expect(decodeDuration('1.0015s')).toMatchObject({ kind: 'ok', value: { seconds: 1n, nanos: 1_500_000 } });
  });

  test.each(['', '10', 's', '1 s', '1y', '-1s', '+1s', '1e3s', '1,5s', '.5s', '1.s', '1h30m', 'PT1S', true, ['1s']])(
    'is not %j',
    (text) => {
      expect(decodeDuration(text)).toMatchObject({ kind: 'wrong' });
    },
  );
});

test('items after a broken one keep their index', () => {
  const { config } = decodeConfig(
    parseYaml('providers: [5, {name: b}]\nroutes: [{name: r, targets: [x, {model: m}]}]'),
  );
  expect(config.providers.map(({ name }) => name)).toEqual(['', 'b']);
  expect(config.routes[0]?.targets.map(({ model }) => model)).toEqual(['', 'm']);
});
