import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { type Duration, durationFromMs } from '@bufbuild/protobuf/wkt';
import { parseDuration } from '../core/duration.ts';
import { didYouMean } from './did-you-mean.ts';

/** A value of the configuration, or what is wrong with it. The message never repeats the value: it may be a secret. */
export type DecodedValue<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'wrong'; readonly message: string };

const ok = <T>(value: T): DecodedValue<T> => ({ kind: 'ok', value });
const wrong = (message: string): DecodedValue<never> => ({ kind: 'wrong', message });

const MAX_UINT32 = 2 ** 32 - 1;

/** Decodes a scalar as YAML's core schema reads it. */
export function decodeScalar(type: ScalarType, value: unknown): DecodedValue<string | number | boolean> {
  switch (type) {
    case ScalarType.STRING:
      return decodeText(value);
    case ScalarType.BOOL:
      return typeof value === 'boolean' ? ok(value) : wrong('must be true or false, without quotes');
    case ScalarType.UINT32:
      return isUint32(value) ? ok(value) : wrong(`must be a whole number from 0 to ${MAX_UINT32}, without quotes`);
    case ScalarType.DOUBLE:
      return typeof value === 'number' && Number.isFinite(value)
        ? ok(value)
        : wrong('must be a number, without quotes');
    default:
      return wrong('is of a type that a configuration file cannot hold');
  }
}

/** Messages hold well-formed Unicode only, but "\ud800" in YAML is half a character. */
function decodeText(value: unknown): DecodedValue<string> {
  if (typeof value !== 'string') return wrong('must be text: put the value in quotes');
  return value.isWellFormed() ? ok(value) : wrong('holds half a character: a surrogate without its other half');
}

function isUint32(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

/** Words that people write as numbers, by the enum's name. */
export const NUMBER_WORDS: ReadonlyMap<string, ReadonlyMap<unknown, string>> = new Map([
  ['sluice.config.v1.Choices', new Map([[2, 'TWO']])],
]);

/** Decodes an enum's value by its short name, as in FULL, or its full one, as in JITTER_FULL. */
export function decodeEnum(desc: DescEnum, value: unknown): DecodedValue<number> {
  const known = desc.values.filter((candidate) => candidate.number !== 0);
  const word = NUMBER_WORDS.get(desc.typeName)?.get(value) ?? value;
  const found = known.find((candidate) => candidate.localName === word || candidate.name === word);
  if (found !== undefined) return ok(found.number);
  const names = known.map((candidate) => candidate.localName);
  const hint = typeof value === 'string' ? didYouMean(value, names) : '';
  return wrong(`must be one of ${names.join(', ')}${hint}`);
}

/** Decodes a duration such as 250ms or 1.5s. Finer parts than a nanosecond are lost. */
export function decodeDuration(value: unknown): DecodedValue<Duration> {
  if (typeof value === 'number') return wrong('needs a unit, as in 250ms, 10s, 5m, 1h or 30d');
  const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  if (milliseconds === undefined) return wrong('must be a duration such as 250ms, 10s, 5m, 1h or 30d');
  const duration = durationFromMs(milliseconds);
  return ok({ ...duration, nanos: Math.trunc(duration.nanos) });
}
