import type { ToolCallPart, ToolResultPart } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { parsedObject } from '../json-text.ts';
import { writableObject } from '../writable-object.ts';
import { cachePoint } from './cache-points.ts';
import { encodeFile, encodeImage, encodeSound } from './encode-media.ts';
import { isOwn, type Spot } from './encode-spot.ts';
import { toolNameToSend } from './tool-names.ts';
import { DIALECT } from './wire.ts';

/** Who speaks in a turn, or that the part stands in a tool's result. */
export type Speaker = 'system' | 'user' | 'assistant' | 'tool';

/** The content blocks for a part, with the point behind it up to which the prompt is to be kept. */
export function encodeContent(spot: Spot, speaker: Speaker): JsonObject[] {
  const { part, path, losses } = spot;
  const blocks = encodePart(spot, speaker);
  noteProof(spot);
  if (part.cacheControl === undefined || blocks.length === 0) return blocks;
  if (speaker === 'tool' || part.kind.case === 'reasoning') {
    losses.dropped(`${path}.cache_control`, "Prompts are not kept up to thoughts or to parts of a tool's result.");
    return blocks;
  }
  return [...blocks, ...cachePoint(part.cacheControl, { ...spot, place: 'messages' })];
}

/** Only thoughts have a proof there, and they are left out as a whole where it is another format's. */
function noteProof({ part, path, losses }: Spot): void {
  if (part.signature !== '' && part.kind.case !== 'reasoning') {
    losses.dropped(`${path}.signature`, 'Only thoughts have signatures there.');
  }
}

function encodePart(spot: Spot, speaker: Speaker): JsonObject[] {
  const { part, path, losses } = spot;
  const { kind } = part;
  switch (kind.case) {
    case 'text':
      return encodeText(spot);
    case 'refusal':
      return textBlock(kind.value.text, spot);
    case 'raw':
      if (kind.value.dialect === DIALECT) return [writableObject(kind.value.json, `${path}.raw.json`)];
      losses.dropped(`${path}.raw`, `A part of the format ${kind.value.dialect} has no place in this format.`);
      return [];
    case 'image':
    case 'audio':
    case 'file':
      return encodeMedia(spot, speaker);
    case 'reasoning':
      return speaker === 'assistant' ? encodeThought(spot) : misplaced(spot);
    case 'toolCall':
      return speaker === 'assistant' ? encodeCall(kind.value, spot) : misplaced(spot);
    case 'toolResult':
      return speaker === 'user' ? encodeResult(kind.value, spot) : misplaced(spot);
    case undefined:
      return [];
  }
}

function misplaced({ part, path, losses }: Spot): JsonObject[] {
  losses.dropped(path, `This format has no ${part.kind.case ?? 'unknown'} parts in messages of this role.`);
  return [];
}

function encodeText(spot: Spot): JsonObject[] {
  const { part, path, losses } = spot;
  if (part.kind.case !== 'text') return [];
  if (part.kind.value.annotations.length > 0) {
    losses.dropped(`${path}.text.annotations`, 'Texts go back without their citations.');
  }
  return textBlock(part.kind.value.text, spot);
}

/** Blocks of white space alone are refused there. */
function textBlock(text: string, { path, losses }: Spot): JsonObject[] {
  if (text.trim() !== '') return [{ text }];
  if (text !== '') losses.dropped(path, 'Texts of white space alone are refused there.');
  return [];
}

function encodeMedia(spot: Spot, speaker: Speaker): JsonObject[] {
  const { kind } = spot.part;
  if (speaker === 'system' || speaker === 'assistant') return misplaced(spot);
  if (kind.case === 'image') return encodeImage(kind.value, spot);
  if (kind.case === 'file') return encodeFile(kind.value, spot);
  if (kind.case === 'audio' && speaker === 'user') return encodeSound(kind.value, spot);
  return misplaced(spot);
}

/** Thoughts go back only with the proof that the provider gave them: without it, it refuses them. */
function encodeThought({ part, path, losses }: Spot): JsonObject[] {
  if (part.kind.case !== 'reasoning') return [];
  const { text, redactedData } = part.kind.value;
  if (isOwn(part) && redactedData !== '') return [{ reasoningContent: { redactedContent: redactedData } }];
  if (isOwn(part) && part.signature !== '') {
    return [{ reasoningContent: { reasoningText: { text, signature: part.signature } } }];
  }
  losses.dropped(`${path}.reasoning`, 'Thoughts without a signature of this format cannot go back.');
  return [];
}

/** An input must be an object there: text of a custom tool, or what a model wrote wrong, becomes the member "input" of one. */
function encodeCall(call: ToolCallPart, { path, losses, ids }: Spot): JsonObject[] {
  if (call.providerExecuted) {
    losses.dropped(`${path}.tool_call`, "Calls of providers' own tools do not go back.");
    return [];
  }
  const { id, name, input } = call;
  const text = input.value ?? '';
  const object = input.case === 'text' ? undefined : text.trim() === '' ? {} : parsedObject(text);
  if (object === undefined) {
    losses.approximated(
      `${path}.tool_call.input`,
      'The input is no JSON object; it is sent as the member "input" of one.',
    );
  }
  const toolUseId = ids.ofCall(id, path.replaceAll(/[^a-z0-9]+/g, '_'));
  return [{ toolUse: { toolUseId, name: toolNameToSend(name), input: object ?? { input: text } } }];
}

function encodeResult(result: ToolResultPart, spot: Spot): JsonObject[] {
  const { path, losses, traits, ids } = spot;
  if (result.providerExecuted) {
    losses.dropped(`${path}.tool_result`, "Results of providers' own tools do not go back.");
    return [];
  }
  if (result.isError && !traits.resultStatus) {
    losses.dropped(
      `${path}.tool_result.is_error`,
      'This model has no mark for a failed tool; its words still go along.',
    );
  }
  const content = result.parts.flatMap((part, index) =>
    encodeContent({ ...spot, part, path: `${path}.tool_result.parts[${index}]` }, 'tool'),
  );
  if (content.length === 0) {
    losses.emulated(`${path}.tool_result.parts`, 'A result says something there: an empty object is sent.');
    content.push({ json: {} });
  }
  const status = result.isError && traits.resultStatus ? { status: 'error' } : {};
  return [{ toolResult: { toolUseId: ids.ofResult(result.callId), content, ...status } }];
}
