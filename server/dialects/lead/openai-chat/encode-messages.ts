import { CacheTtl, type Message, type Part, Role } from '../../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { LossLog } from '../loss-log.ts';
import { toBase64, urlFromSource } from './media.ts';

/** What encoding of messages needs besides them. */
export interface MessageEncoding {
  readonly losses: LossLog;
  /** How the developer role is called there. */
  readonly developerRole: 'developer' | 'system';
}

/** The canonical messages in OpenAI's form; one of the tool role becomes one for each result. */
export function encodeMessages(messages: readonly Message[], encoding: MessageEncoding): JsonObject[] {
  return messages.flatMap((message, index) => {
    const at = { path: `generation.messages[${index}]`, losses: encoding.losses };
    switch (message.role) {
      case Role.TOOL:
        return toolMessages(message, at);
      case Role.ASSISTANT:
        return [assistantMessage(message, at)];
      case Role.SYSTEM:
        return [plainMessage('system', message, at)];
      case Role.DEVELOPER:
        return [plainMessage(encoding.developerRole, message, at)];
      default:
        return [plainMessage('user', message, at)];
    }
  });
}

/** Where in the request we are, and where losses go. */
interface Place {
  readonly path: string;
  readonly losses: LossLog;
}

function plainMessage(role: string, message: Message, at: Place): JsonObject {
  return { role, content: content(message.parts, at), ...nameOf(message) };
}

function nameOf(message: Message): JsonObject {
  return message.name === '' ? {} : { name: message.name };
}

function toolMessages(message: Message, at: Place): JsonObject[] {
  return message.parts.flatMap((part, index) => {
    if (part.kind.case !== 'toolResult') {
      at.losses.dropped(`${at.path}.parts[${index}]`, 'a tool message holds results alone');
      return [];
    }
    const result = part.kind.value;
    const inner = { path: `${at.path}.parts[${index}].tool_result`, losses: at.losses };
    if (result.isError) at.losses.dropped(`${inner.path}.is_error`, 'this format does not mark failed results');
    return [
      {
        role: 'tool',
        tool_call_id: result.callId,
        content: content(result.parts, inner),
        ...(result.name === '' ? {} : { name: result.name }),
        ...cacheControl(part),
      },
    ];
  });
}

function assistantMessage(message: Message, at: Place): JsonObject {
  const spoken: Part[] = [];
  const toolCalls: JsonObject[] = [];
  let thoughts = '';
  let refusal: string | undefined;
  let audioId: string | undefined;
  for (const [index, part] of message.parts.entries()) {
    const path = `${at.path}.parts[${index}]`;
    if (part.signature !== '') at.losses.dropped(`${path}.signature`, 'this format has no signatures');
    switch (part.kind.case) {
      case 'toolCall':
        toolCalls.push(toolCall(part));
        break;
      case 'reasoning':
        thoughts += part.kind.value.text;
        if (part.kind.value.redactedData !== '') at.losses.dropped(`${path}.reasoning`, 'hidden thoughts are another format’s');
        break;
      case 'refusal':
        refusal = (refusal ?? '') + part.kind.value.text;
        break;
      case 'audio':
        audioId = part.kind.value.id;
        if (audioId === '') at.losses.dropped(path, 'sound of an assistant is sent by id alone');
        break;
      default:
        spoken.push(part);
    }
  }
  return {
    role: 'assistant',
    content: spoken.length === 0 ? null : content(spoken, at),
    ...nameOf(message),
    ...(thoughts === '' ? {} : { reasoning_content: thoughts }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(audioId === undefined || audioId === '' ? {} : { audio: { id: audioId } }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
}

function toolCall(part: Part): JsonObject {
  if (part.kind.case !== 'toolCall') return {};
  const { id, name, input } = part.kind.value;
  return input.case === 'text'
    ? { id, type: 'custom', custom: { name, input: input.value } }
    : { id, type: 'function', function: { name, arguments: input.value ?? '{}' } };
}

/** Plain text as a string, which every server takes; anything more as parts. */
function content(parts: readonly Part[], at: Place): JsonValue {
  const only = parts[0];
  if (parts.length === 1 && only?.kind.case === 'text' && only.cacheControl === undefined) return only.kind.value.text;
  return parts.flatMap((part, index) => {
    const encoded = contentPart(part, { path: `${at.path}.parts[${index}]`, losses: at.losses });
    return encoded === undefined ? [] : [{ ...encoded, ...cacheControl(part) }];
  });
}

function contentPart(part: Part, at: Place): JsonObject | undefined {
  const { kind } = part;
  switch (kind.case) {
    case 'text':
      return { type: 'text', text: kind.value.text };
    case 'refusal':
      return { type: 'refusal', refusal: kind.value.text };
    case 'image': {
      const url = kind.value.source === undefined ? undefined : urlFromSource(kind.value.source);
      if (url === undefined) return dropped(at, 'pictures by file id are not carried');
      return { type: 'image_url', image_url: { url, ...(kind.value.detail === '' ? {} : { detail: kind.value.detail }) } };
    }
    case 'audio': {
      const { source, format } = kind.value;
      if (source?.location.case !== 'data') return dropped(at, 'sound is carried inline alone');
      return { type: 'input_audio', input_audio: { data: toBase64(source.location.value), format } };
    }
    case 'file':
      return filePart(kind.value, at);
    case 'raw':
      if (kind.value.dialect !== 'openai-chat') return dropped(at, `the part is ${kind.value.dialect}'s alone`);
      return JSON.parse(kind.value.json) as JsonObject;
    default:
      return dropped(at, `a part of kind ${kind.case ?? 'none'} cannot stand here`);
  }
}

function filePart(file: Extract<Part['kind'], { case: 'file' }>['value'], at: Place): JsonObject | undefined {
  const { source } = file;
  const name = file.filename === '' ? {} : { filename: file.filename };
  if (file.citations) at.losses.dropped(`${at.path}.file.citations`, 'this format has no citations of documents');
  if (source?.location.case === 'fileId') return { type: 'file', file: { file_id: source.location.value, ...name } };
  if (source?.location.case !== 'data') return dropped(at, 'documents are carried inline or by file id alone');
  return { type: 'file', file: { file_data: urlFromSource(source) ?? '', ...name } };
}

function dropped(at: Place, message: string): undefined {
  at.losses.dropped(at.path, message);
  return undefined;
}

/** Providers that follow Anthropic's caching read it; the others pass over it. */
export function cacheControl(holder: { readonly cacheControl?: Part['cacheControl'] }): JsonObject {
  const control = holder.cacheControl;
  if (control === undefined) return {};
  const ttl = control.ttl === CacheTtl.CACHE_TTL_1H ? '1h' : control.ttl === CacheTtl.CACHE_TTL_5M ? '5m' : undefined;
  return { cache_control: { type: 'ephemeral', ...(ttl === undefined ? {} : { ttl }) } };
}
