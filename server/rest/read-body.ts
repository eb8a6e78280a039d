import { isUtf8 } from 'node:buffer';
import { isJsonObject, type JsonObject, type JsonValue, numberOf } from '../core/json.ts';
import { parseJson } from '../core/parse-json.ts';
import { SluiceError } from '../errors/sluice-error.ts';

/**
 * A request's body as a JSON object. Of a member given twice the last one counts, everywhere. Numbers keep their spelling, as
 * parseJson has it. Throws INVALID_REQUEST.
 */
export function readJsonObject(body: unknown, maxDepth: number): JsonObject {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new SluiceError('INVALID_REQUEST', 'The body is empty; a JSON object was expected.');
  }
  if (!isUtf8(body)) throw new SluiceError('INVALID_REQUEST', 'The body is not UTF-8.');
  const value = parse(body.toString('utf8'));
  if (!isJsonObject(value)) throw new SluiceError('INVALID_REQUEST', 'The body is not a JSON object.');
  const fault = faultOf(value, maxDepth) ?? caseFault(value);
  if (fault !== undefined) throw new SluiceError('INVALID_REQUEST', fault);
  return value;
}

function parse(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (thrown) {
    const detail = thrown instanceof SyntaxError ? `: ${thrown.message}` : '';
    throw new SluiceError('INVALID_REQUEST', `The body is not valid JSON${detail.slice(0, 200)}`);
  }
}

/** The largest object that callers have a use for is a logit_bias; copying one of a million members takes seconds. */
const MAX_MEMBERS = 5000;

/** What cannot be written again as it was read: endless nesting, and numbers beyond a double, which would become null. */
function faultOf(value: JsonValue | undefined, levels: number): string | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'The body holds a number that is too large.';
  if (typeof value !== 'object' || value === null || numberOf(value) !== undefined) return undefined;
  if (levels === 0) return 'The body is nested too deeply.';
  if (Array.isArray(value)) return firstFault(value, levels - 1);
  const members = Object.values(value);
  if (members.length > MAX_MEMBERS) return `An object of the body has more than ${MAX_MEMBERS} members.`;
  return firstFault(members, levels - 1);
}

function firstFault(values: readonly (JsonValue | undefined)[], levels: number): string | undefined {
  for (const value of values) {
    const fault = faultOf(value, levels);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Members that decide what is authorised and what it costs. */
const GUARDED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'input',
  'stream',
  'tools',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'instructions',
  'prompt',
  'system',
  'contents',
  'best_of',
]);

/** Some providers match names without regard to case: what they would read is not what was authorised. */
function caseFault(body: JsonObject): string | undefined {
  const variant = Object.keys(body).find((key) => !GUARDED.has(key) && GUARDED.has(key.toLowerCase()));
  return variant === undefined
    ? undefined
    : `The member '${variant.slice(0, 64)}' differs from one of the API only in case.`;
}
