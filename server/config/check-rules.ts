import { getOption, hasOption } from '@bufbuild/protobuf';
import { type Path, pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import { field as fieldRules } from '../../gen/buf/validate/validate_pb.ts';
import { type Config, ConfigSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Finding } from './problems.ts';

const validator = createValidator();

/** Checks the bounds that stand in the contract itself. */
export function checkRules(config: Config): readonly Finding[] {
  const result = validator.validate(ConfigSchema, config);
  if (result.kind === 'valid') return [];
  // The rules are part of the program: one that cannot be evaluated is a defect of it, and never the file's.
  if (result.kind === 'error') throw result.error;
  return result.violations.map((violation) => ({
    path: pathToString(violation.field),
    message: describeViolation(violation),
  }));
}

const REFERENCE = 'must be a reference, env:NAME or file:path; the value itself never stands here';

const DAY = 'must be a day, as in "2026-03-13"';
const DOLLARS = 'must be US dollars with at most 9 decimals, below a million, as in "0.075"';

/** What a pattern means, by message and field. */
const PATTERN_WORDS: Readonly<Record<string, string>> = {
  'Provider.name': 'must begin with a lower-case letter or a digit and hold only a-z, 0-9, ".", "_" and "-"',
  'Provider.credential': REFERENCE,
  'Provider.headers': 'must be a header name of letters, digits and "-"',
  'Provider.api_version': 'must hold only letters, digits, ".", "_" and "-"',
  'ModelEntry.deprecated': DAY,
  'ModelEntry.retires': DAY,
  'ModelPrice.from': DAY,
  ...Object.fromEntries(
    ['input', 'output', 'cache_read', 'cache_write', 'cache_write_1h', 'audio_input', 'audio_output', 'request'].map(
      (field) => [`ModelPrice.${field}`, DOLLARS],
    ),
  ),
  'AwsAuth.region': 'must be a region such as us-east-1',
  'AwsAuth.access_key_id': REFERENCE,
  'AwsAuth.secret_access_key': REFERENCE,
  'AwsAuth.session_token': REFERENCE,
  'Key.id': 'must begin with a letter or a digit and hold only letters, digits, ".", "_" and "-"',
  'Key.secret': REFERENCE,
  'Key.hash': 'must be sha256: and 64 hexadecimal digits in lower case',
};

/** In the words of someone who writes the file. They never repeat the value. */
function describeViolation(violation: Violation): string {
  const field = lastField(violation.field);
  switch (violation.ruleId) {
    case 'string.min_len':
      return 'is missing';
    case 'repeated.min_items':
      return 'must have at least one item';
    case 'string.pattern':
      return PATTERN_WORDS[`${field?.parent.name}.${field?.name}`] ?? violation.message;
    case 'string.in':
      return `must be one of ${allowedValues(field).join(', ')}`;
    default:
      return violation.message;
  }
}

type Field = Extract<Path[number], { kind: 'field' }>;

function lastField(path: Path): Field | undefined {
  return path.findLast((element): element is Field => element.kind === 'field');
}

function allowedValues(field: Field | undefined): readonly string[] {
  if (field === undefined || !hasOption(field, fieldRules)) return [];
  const { type } = getOption(field, fieldRules);
  let rules: typeof type | undefined = type;
  if (type.case === 'repeated') rules = type.value.items?.type;
  if (type.case === 'map') rules = type.value.keys?.type;
  return rules?.case === 'string' ? rules.value.in.filter((value) => value !== '') : [];
}
