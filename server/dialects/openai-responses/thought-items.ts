import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { encodeProof, foreignProof, foreignSeal, provesAnything } from '../thought-envelope.ts';
import { isOwn } from './encode-content.ts';
import { DIALECT } from './wire.ts';

/** What callers send back with thoughts, unread: the provider's own, or what one of another format wants; empty for none. */
export function encryptedContent(part: Part): string {
  const redactedData = part.kind.case === 'reasoning' ? part.kind.value.redactedData : '';
  if (redactedData !== '' && isOwn(part)) return redactedData;
  const proof = foreignProof(part, DIALECT);
  return proof !== undefined && provesAnything(proof) ? encodeProof(proof) : '';
}

/** The item, beside a call of another format, that holds its signature; undefined where there is none. */
export function sealOf(part: Part): JsonObject | undefined {
  const seal = foreignSeal(part, DIALECT);
  return seal && { type: 'reasoning', summary: [], encrypted_content: encodeProof(seal) };
}
