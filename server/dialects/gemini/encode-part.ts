import type { Part, ToolCallPart, ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { objectOfText, parsedJson } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { fitToolCallId } from '../tool-call-id.ts';
import { encodeMedia } from './media.ts';
import type { ModelTraits } from './model-traits.ts';
import { wordsOf } from './read-part.ts';
import { DIALECT, isDerivedCallId, isOwn, TOOL_CALL_ID } from './wire.ts';

/** What encoding a conversation needs to know beside its parts. */
export interface EncodeTerms {
  readonly losses: Losses;
  readonly traits: ModelTraits;
}

/** A canonical part and where it stands in the request. */
export interface Spot {
  readonly part: Part;
  readonly path: string;
}

const NO_MARKS = 'This format caches prompts unasked and has no marks for it.';

/** The parts of a content that stand for a canonical part; none, with a warning, where the format has none for it. */
export function encodePart(spot: Spot, terms: EncodeTerms): JsonObject[] {
  const { part, path } = spot;
  const { losses } = terms;
  if (part.cacheControl !== undefined) {
    losses.dropped(`${path}.cache_control`, NO_MARKS);
  }
  const signature = signatureOf(spot, losses);
  const bare = bareParts(spot, terms);
  const [first, ...others] = bare;
  if (first !== undefined) return signature === '' ? bare : [{ ...first, thoughtSignature: signature }, ...others];
  // A signature may stand beside an empty text.
  const wordless = part.kind.case === 'text' || part.kind.case === 'reasoning';
  return signature !== '' && wordless ? [{ ...words(part, ''), thoughtSignature: signature }] : [];
}

function signatureOf({ part, path }: Spot, losses: Losses): string {
  if (part.signature === '' || isOwn(part)) return part.signature;
  losses.dropped(`${path}.signature`, `The signature is of another format, ${part.origin}.`);
  return '';
}

function bareParts(spot: Spot, terms: EncodeTerms): JsonObject[] {
  const { part, path } = spot;
  const { losses } = terms;
  const { kind } = part;
  switch (kind.case) {
    case 'text':
      if (kind.value.annotations.length > 0) {
        losses.dropped(`${path}.text.annotations`, 'Texts go back without their citations.');
      }
      return kind.value.text === '' ? [] : [words(part, kind.value.text)];
    case 'refusal':
      return kind.value.text === '' ? [] : [words(part, kind.value.text)];
    case 'reasoning':
      if (kind.value.redactedData !== '') {
        losses.dropped(`${path}.reasoning.redacted_data`, 'This format has no encrypted reasoning.');
      }
      return kind.value.text === '' ? [] : [words(part, kind.value.text)];
    case 'image':
    case 'audio':
    case 'file':
      return encodeMedia({ kind: kind.case, value: kind.value, path, losses });
    case 'toolCall':
      return encodeCall(kind.value, spot, losses);
    case 'toolResult':
      return encodeResult(kind.value, spot, terms);
    case 'raw':
      if (kind.value.dialect === DIALECT) return [objectOfText(kind.value.json, `${path}.raw.json`)];
      losses.dropped(`${path}.raw`, `A part of the format ${kind.value.dialect} has no place in this format.`);
      return [];
    case undefined:
      losses.dropped(path, 'The part is of no kind.');
      return [];
  }
}

function words({ kind }: Part, text: string): JsonObject {
  return kind.case === 'reasoning' ? { text, thought: true } : { text };
}

function encodeCall(call: ToolCallPart, { path }: Spot, losses: Losses): JsonObject[] {
  if (call.providerExecuted) {
    losses.dropped(`${path}.tool_call`, "Calls of other providers' own tools have no place in this format.");
    return [];
  }
  return [{ functionCall: { ...idMember(call.id), name: call.name, args: argsOf(call, path, losses) } }];
}

/** Ids that were made here are nobody's: the provider goes by position then, as it did in its answer. */
function idMember(id: string): JsonObject {
  return id === '' || isDerivedCallId(id) ? {} : { id: fitToolCallId(id, TOOL_CALL_ID) };
}

/** Arguments are an object there. What is none, such as a custom tool's text, becomes its one member. */
function argsOf({ input }: ToolCallPart, path: string, losses: Losses): JsonObject {
  const text = input.value ?? '';
  const value = input.case === 'argumentsJson' ? parsedJson(text === '' ? '{}' : text) : text;
  if (isJsonObject(value)) return value;
  const field = input.case === 'text' ? 'text' : 'arguments_json';
  losses.approximated(
    `${path}.tool_call.${field}`,
    'Arguments that are no JSON object are sent as the member "input".',
  );
  return { input: text };
}

function encodeResult(result: ToolResultPart, { path }: Spot, terms: EncodeTerms): JsonObject[] {
  const { losses, traits } = terms;
  if (result.providerExecuted) {
    losses.dropped(`${path}.tool_result`, "Results of other providers' own tools have no place in this format.");
    return [];
  }
  const texts: string[] = [];
  const media: JsonObject[] = [];
  for (const [index, part] of result.parts.entries()) {
    if (part.cacheControl !== undefined) {
      losses.dropped(`${path}.tool_result.parts[${index}].cache_control`, NO_MARKS);
    }
    if (part.kind.case === 'text') texts.push(part.kind.value.text);
    else media.push(...encodeResultMedia({ part, path: `${path}.tool_result.parts[${index}]` }, losses));
  }
  const response = responseOf(texts.join('\n'), result.isError);
  const head = { ...idMember(result.callId), name: result.name, response };
  if (media.length === 0 || traits.mediaInResults) {
    return [{ functionResponse: { ...head, ...(media.length > 0 && { parts: media }) } }];
  }
  losses.emulated(`${path}.tool_result.parts`, 'The model takes no media in results; they follow the result.');
  return [{ functionResponse: head }, ...media];
}

function encodeResultMedia({ part, path }: Spot, losses: Losses): JsonObject[] {
  const { kind } = part;
  if (kind.case === 'image' || kind.case === 'audio' || kind.case === 'file') {
    return encodeMedia({ kind: kind.case, value: kind.value, path, losses });
  }
  losses.dropped(path, `Results hold no ${kind.case ?? 'unknown'} parts in this format.`);
  return [];
}

/** An object that JSON writes as the tool wrote it is the response itself; any other text is its output. */
function responseOf(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  const value = parsedJson(text);
  const same = isJsonObject(value) && JSON.stringify(value) === text && wordsOf(value) === undefined;
  return same ? value : { output: text };
}
