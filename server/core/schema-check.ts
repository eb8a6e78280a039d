import { createContext, Script } from 'node:vm';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';

/** What a check says of a text: nothing, what is wrong with it, or that nobody can tell. */
export type SchemaVerdict =
  | { readonly kind: 'meets' }
  | { readonly kind: 'fails'; readonly complaint: string }
  | { readonly kind: 'unknown' };

/** Whether a text is JSON that keeps to a schema. */
export type SchemaCheck = (text: string) => SchemaVerdict;

/** Schemas and answers come from outside; some take a validator years. So long may one check hold up everything else. */
const MOST_MS = 50;
/** Longer schemas are not compiled. */
const MOST_CHARACTERS = 256 * 1024;
/** Complaints that a model is shown. */
const MOST_COMPLAINTS = 5;

/** Node gives up on a script that takes too long, in whatever it calls: regular expressions too. */
const SCRIPT = new Script('run()');
const SLOT = { run: (): void => {} };
const CONTEXT = createContext(SLOT);

/** Runs a function; throws where it takes longer than MOST_MS. */
function withinTime<T>(run: () => T): T {
  let result: { readonly value: T } | undefined;
  SLOT.run = () => {
    result = { value: run() };
  };
  SCRIPT.runInContext(CONTEXT, { timeout: MOST_MS });
  if (result === undefined) throw new Error('the check did not run');
  return result.value;
}

/**
 * A check by JSON Schema (draft 2020-12, which reads older ones as far as they agree). Formats are not looked at: they are
 * notes to people there. What the validator does not understand, or not in time, is unknown.
 */
export function schemaCheck(schemaText: string): SchemaCheck {
  const known = CHECKS.get(schemaText);
  if (known !== undefined) return known;
  const made = createCheck(schemaText);
  const oldest = CHECKS.size < MOST_KEPT ? undefined : CHECKS.keys().next().value;
  if (oldest !== undefined) CHECKS.delete(oldest);
  CHECKS.set(schemaText, made);
  return made;
}

/** Compiling a schema takes milliseconds, and applications send the same few with every call. */
const CHECKS = new Map<string, SchemaCheck>();
const MOST_KEPT = 64;

function createCheck(schemaText: string): SchemaCheck {
  const unknown: SchemaCheck = () => ({ kind: 'unknown' });
  if (schemaText.length > MOST_CHARACTERS) return unknown;
  try {
    const validate = withinTime(() => compile(schemaText));
    return (text) => check(text, validate);
  } catch {
    return unknown;
  }
}

type Validate = (value: unknown) => readonly string[];

function compile(schemaText: string): Validate {
  const { $schema: _, ...schema } = JSON.parse(schemaText);
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    validateFormats: false,
    addUsedSchema: false,
    // Schemas that refer to each other twice and twice again would be written out without end.
    inlineRefs: false,
    ownProperties: true,
    allErrors: true,
    logger: false,
  });
  const validate = ajv.compile(schema as AnySchema);
  return (value) => {
    const verdict: unknown = validate(value);
    if (typeof verdict !== 'boolean') throw new Error('a schema that asks others is not for here');
    const complaints = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
    return verdict ? [] : [...new Set(complaints)].slice(0, MOST_COMPLAINTS);
  };
}

function check(text: string, validate: Validate): SchemaVerdict {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'fails', complaint: 'it is not JSON' };
  }
  try {
    const complaints = withinTime(() => validate(value));
    return complaints.length === 0 ? { kind: 'meets' } : { kind: 'fails', complaint: complaints.join('; ') };
  } catch {
    return { kind: 'unknown' };
  }
}
