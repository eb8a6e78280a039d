import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { objectOf, stringOf } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

// Gemini's thought signatures in Google's own OpenAI-compatible API: on a tool call, or on a message or delta for its
// text, as extra_content.google.thought_signature. https://ai.google.dev/gemini-api/docs/thought-signatures

/** The format that signs so. */
export const SIGNED_BY = 'gemini';

/** The signature of a call, message or delta; empty where it has none. */
export function thoughtSignature(json: JsonObject): string {
  return stringOf(objectOf(objectOf(json['extra_content'])?.['google'])?.['thought_signature']);
}

/** The member that holds a signature; none for an empty one. */
export function encodeThoughtSignature(signature: string): JsonObject {
  return signature === '' ? {} : { extra_content: { google: { thought_signature: signature } } };
}

/** What of a text's or call's signature the member may show to a caller: other formats' proofs mean nothing in it. */
export function signatureFor({ signature, origin }: Pick<Part, 'signature' | 'origin'>): string {
  return origin === '' || origin === DIALECT || origin === SIGNED_BY ? signature : '';
}
