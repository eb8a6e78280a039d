import { create } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { decodeBase64 } from '../data-url.ts';
import { parsedObject } from '../json-text.ts';
import type { Losses } from '../losses.ts';
import { stringOf } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

// Callers send thinking blocks back with their signatures. Thoughts of other formats get a signature that holds what their
// own providers want back, so that a conversation can go on with these; providers of this format never see it.

/** What makes thoughts fit to go back to the provider that had them. */
export interface ThoughtProof {
  readonly origin: string;
  readonly signature: string;
  readonly redactedData: string;
  readonly itemId: string;
  readonly summary: boolean;
}

const MARK = 'sluice:';

/** The proof of a reasoning part; undefined for other parts, and for thoughts of this format. */
export function foreignProof({ kind, origin, signature, itemId }: Part): ThoughtProof | undefined {
  if (kind.case !== 'reasoning' || origin === DIALECT) return undefined;
  const { redactedData, summary } = kind.value;
  return { origin, signature, redactedData, itemId, summary };
}

/** Whether a provider wants something back with the thoughts. */
export function provesAnything({ signature, redactedData }: ThoughtProof): boolean {
  return signature !== '' || redactedData !== '';
}

export function encodeProof(proof: ThoughtProof): string {
  const members = Object.entries(proof).filter(([, value]) => value !== '' && value !== false);
  return MARK + new TextEncoder().encode(JSON.stringify(Object.fromEntries(members))).toBase64();
}

export function isForeignProof(signature: string): boolean {
  return signature.startsWith(MARK);
}

/** The thoughts that such a signature stands with. A broken one proves nothing. */
export function foreignThought(text: string, mark: string): Part {
  const bytes = decodeBase64(mark.slice(MARK.length)) ?? new Uint8Array();
  const proof = parsedObject(new TextDecoder().decode(bytes)) ?? {};
  const redactedData = stringOf(proof['redactedData']);
  return create(PartSchema, {
    kind: { case: 'reasoning', value: { text, redactedData, summary: proof['summary'] === true } },
    signature: stringOf(proof['signature']),
    origin: stringOf(proof['origin']),
    itemId: stringOf(proof['itemId']),
  });
}

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
  return isJsonObject(block) && block['type'] === 'thinking' && isForeignProof(stringOf(block['signature']));
}
