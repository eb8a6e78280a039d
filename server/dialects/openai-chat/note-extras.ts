import type { Spot } from './encode-content.ts';
import { SIGNED_BY } from './thought-signature.ts';
import { DIALECT } from './wire.ts';

/** Tells of what may stand on any part and has no place in this format, or not for this provider. */
export function noteExtras(spot: Spot): void {
  const { part, path, quirks, losses } = spot;
  if (part.cacheControl !== undefined && (quirks.cacheControl !== true || !bearsMark(spot))) {
    losses.dropped(`${path}.cache_control`, 'There is no mark for prompt caching here.');
  }
  const detailed = part.kind.case === 'reasoning' && quirks.reasoningDetails === true;
  if (part.signature !== '' && !detailed && !isSignedCall(spot)) {
    losses.dropped(`${path}.signature`, signatureMessage(part.origin));
  }
  if (part.itemId !== '' && !detailed) losses.dropped(`${path}.item_id`, 'This format has no ids of items.');
  noteKind(spot);
}

function noteKind({ part, path, losses }: Spot): void {
  const { kind } = part;
  if (kind.case === 'text' && kind.value.annotations.length > 0) {
    losses.dropped(`${path}.text.annotations`, 'Requests of this format have no citations.');
  }
}

/** Entries of content bear marks; calls, results and thoughts are no such entries. */
function bearsMark({ part }: Spot): boolean {
  return ['text', 'image', 'audio', 'file'].includes(part.kind.case ?? '');
}

/** Whether the call's signature goes along: as extra_content where it is this format's own, as a detail at OpenRouter. */
export function isSignedCall({ part, quirks }: Spot): boolean {
  if (part.kind.case !== 'toolCall' || part.signature === '') return false;
  const own = part.origin === '' || part.origin === DIALECT;
  return own || (part.origin === SIGNED_BY && quirks.reasoningDetails === true);
}

function signatureMessage(origin: string): string {
  return origin === '' || origin === DIALECT
    ? 'This format has signatures of calls alone.'
    : `The signature is of another format, ${origin}.`;
}
