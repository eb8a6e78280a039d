import { create } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import { decodeBase64 } from './data-url.ts';
import type { DialectName } from './dialect.ts';
import { parsedObject } from './json-text.ts';
import { stringOf } from './read-answer.ts';

// Callers send back what a format has for encrypted thoughts, unread. There the gateway puts what providers of another
// format want back with their thoughts and calls, so that a conversation can go on with these. Providers of the door's own
// format never see it.

/** What makes a thought, or a call, fit to go back to the provider that had it. */
export interface ThoughtProof {
  readonly origin: string;
  readonly signature: string;
  readonly redactedData: string;
  readonly itemId: string;
  readonly summary: boolean;
  /** The call that the signature is of; empty for thoughts. */
  readonly callId: string;
}

const MARK = 'sluice:';

/** Marks parts that are a call's signature until withSeals has put it on its call. */
const SEAL = 'sluice';

/** The proof of a reasoning part for a door of that format; undefined for other parts, and for thoughts of the format. */
export function foreignProof({ kind, origin, signature, itemId }: Part, door: DialectName): ThoughtProof | undefined {
  if (kind.case !== 'reasoning' || origin === door) return undefined;
  const { redactedData, summary } = kind.value;
  return { origin, signature, redactedData, itemId, summary, callId: '' };
}

/** The same of a call that is the caller's to run; undefined where it has no signature of another format. */
export function foreignSeal({ kind, origin, signature }: Part, door: DialectName): ThoughtProof | undefined {
  if (kind.case !== 'toolCall' || kind.value.providerExecuted || signature === '' || origin === door) return undefined;
  return { origin, signature, redactedData: '', itemId: '', summary: false, callId: kind.value.id };
}

/** Whether a provider wants something back with the thoughts. */
export function provesAnything({ signature, redactedData }: ThoughtProof): boolean {
  return signature !== '' || redactedData !== '';
}

export function encodeProof(proof: ThoughtProof): string {
  const members = Object.entries(proof).filter(([, value]) => value !== '' && value !== false);
  return MARK + new TextEncoder().encode(JSON.stringify(Object.fromEntries(members))).toBase64();
}

export function isForeignProof(text: string): boolean {
  return text.startsWith(MARK);
}

/** The thoughts of these words that such a proof stands with, or the seal of a call. A broken one proves nothing. */
export function foreignPart(text: string, proof: string): Part {
  const bytes = decodeBase64(proof.slice(MARK.length)) ?? new Uint8Array();
  const json = parsedObject(new TextDecoder().decode(bytes)) ?? {};
  const callId = stringOf(json['callId']);
  const redactedData = stringOf(json['redactedData']);
  return create(PartSchema, {
    kind:
      callId === ''
        ? { case: 'reasoning', value: { text, redactedData, summary: json['summary'] === true } }
        : { case: 'raw', value: { dialect: SEAL, json: JSON.stringify(callId) } },
    signature: stringOf(json['signature']),
    origin: stringOf(json['origin']),
    itemId: stringOf(json['itemId']),
  });
}

/** The parts of a turn with the signatures on the calls that their seals name; the seals are gone. */
export function withSeals(parts: readonly Part[]): Part[] {
  const seals = new Map<string, Part>();
  for (const part of parts) {
    if (isSeal(part) && part.kind.case === 'raw') seals.set(part.kind.value.json, part);
  }
  if (seals.size === 0) return [...parts];
  for (const part of parts) {
    const seal = part.kind.case === 'toolCall' ? seals.get(JSON.stringify(part.kind.value.id)) : undefined;
    if (seal !== undefined) Object.assign(part, { signature: seal.signature, origin: seal.origin });
  }
  return parts.filter((part) => !isSeal(part));
}

const isSeal = ({ kind }: Part): boolean => kind.case === 'raw' && kind.value.dialect === SEAL;
