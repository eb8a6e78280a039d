import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Losses } from '../losses.ts';
import { stringOf } from '../read-answer.ts';
import { isForeignProof } from '../thought-envelope.ts';

/** A caller's body without the thoughts of other formats; turns that held nothing else go with them. */
export function withoutForeignThoughts(body: JsonObject, losses: Losses): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  let lost = false;
  const kept = messages.flatMap((message, index) => {
    if (!isJsonObject(message) || !Array.isArray(message['content'])) return [message];
    const content = message['content'].filter((block) => !isForeignThought(block));
    if (content.length === message['content'].length) return [message];
    lost = true;
    losses.dropped(`generation.messages[${index}]`, 'Thoughts of models of other formats cannot go to this provider.');
    return content.length === 0 ? [] : [{ ...message, content }];
  });
  return lost ? { ...body, messages: kept } : body;
}

function isForeignThought(block: unknown): boolean {
  if (!isJsonObject(block)) return false;
  const { type, signature, data } = block;
  return (type === 'thinking' && isForeignProof(stringOf(signature))) || isForeignRedacted(type, data);
}

function isForeignRedacted(type: unknown, data: JsonObject[string]): boolean {
  return type === 'redacted_thinking' && isForeignProof(stringOf(data));
}
