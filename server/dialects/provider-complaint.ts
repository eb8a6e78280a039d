import type { JsonObject, JsonValue } from '../core/json.ts';
import { objectOf, objectsOf, stringOf } from './read-answer.ts';

/** What a provider says of a failure, whatever shape it says it in. Members that it leaves out are empty. */
export interface Complaint {
  /** Its words, without markup, at most MAX_MESSAGE_LENGTH characters. */
  readonly message: string;
  /** As in context_length_exceeded. A number becomes its digits. */
  readonly code: string;
  /** As in invalid_request_error. */
  readonly type: string;
  readonly param: string;
}

export const MAX_MESSAGE_LENGTH = 2000;

const NO_COMPLAINT: Complaint = { message: '', code: '', type: '', param: '' };

/**
 * Reads the body of a failed answer: {error: {…}}, {error: "text"}, {message}, {detail: "text"}, FastAPI's
 * {detail: [{loc, msg}]}, any of these in an array, or text and HTML.
 */
export function readComplaint(text: string): Complaint {
  try {
    const json: JsonValue = JSON.parse(text);
    return complaintOf(json);
  } catch {
    return { ...NO_COMPLAINT, message: readable(withoutMarkup(text)) };
  }
}

/** The same, of JSON that is parsed already. */
export function complaintOf(json: JsonValue): Complaint {
  if (typeof json === 'string') return { ...NO_COMPLAINT, message: readable(json) };
  const body = objectOf(json) ?? objectsOf(json)[0];
  if (body === undefined) return NO_COMPLAINT;
  const inner = objectOf(body['error']) ?? objectOf(body['detail']) ?? body;
  const pick = (key: string): string => word(inner[key]) || word(body[key]);
  return {
    message: readable(stringOf(inner['message']) || stringOf(body['error']) || outerMessage(body)),
    code: pick('code'),
    type: pick('type'),
    param: pick('param'),
  };
}

/** Whether JSON that came with a status of success is a complaint nevertheless. */
export function isComplaint(json: JsonObject): boolean {
  const { error } = json;
  if (typeof error === 'string') return error !== '';
  return objectOf(error) !== undefined || json['object'] === 'error' || json['type'] === 'error';
}

function outerMessage(body: JsonObject): string {
  return stringOf(body['message']) || stringOf(body['detail']) || objectsOf(body['detail']).map(violation).join('; ');
}

/** One entry of FastAPI's list: body.messages.0.role: field required. */
function violation(entry: JsonObject): string {
  const where = Array.isArray(entry['loc']) ? entry['loc'].map(String).join('.') : '';
  return where === '' ? stringOf(entry['msg']) : `${where}: ${stringOf(entry['msg'])}`;
}

function word(value: JsonValue | undefined): string {
  return typeof value === 'number' ? String(value) : stringOf(value);
}

/** What people write as keys of providers; some providers repeat the key that they refuse. */
const KEY =
  /\b(?:sk|pk|gsk|xai|pplx|nvapi|csk|fw|hf|r8|key)[-_][\w*.-]{8,}|\bBearer\s+[\w.~+/=-]{8,}|\bAIza[\w-]{20,}/gi;

function readable(text: string): string {
  return text.replace(KEY, '[redacted]').trim().slice(0, MAX_MESSAGE_LENGTH);
}

/** The words of an HTML page on one line. Text without tags only loses its line breaks. */
function withoutMarkup(text: string): string {
  return text
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}
