import { create } from '@bufbuild/protobuf';
import { PartStartSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { ImagePartSchema, MediaSourceSchema, PartSchema } from '../../gen/sluice/v1/content_pb.ts';
import type { ChatEvent, DialectName, StreamStep } from './dialect.ts';
import { partDeltaEvent } from './part-delta-event.ts';

/** A picture whose bytes come in pieces. */
interface Held {
  readonly start: Extract<ChatEvent, { case: 'partStart' }>;
  readonly pieces: Uint8Array[];
}

/**
 * Steps as encoders of a format take them, whatever the provider's way: pictures in one piece, when all of their bytes are
 * there; citations of a text and signatures of words as deltas, never at their beginning. Frames of the format itself go
 * to the caller as they are, and their steps with them.
 */
export function evenSteps(dialect: DialectName): (step: StreamStep) => StreamStep {
  const held = new Map<string, Held>();
  return (step) => {
    const concerned = held.size > 0 || step.events.some((event) => isGrowingPicture(event) || isLaden(event));
    if (!concerned || (step.wire?.dialect === dialect && step.wire.text !== undefined)) return step;
    return { ...step, events: step.events.flatMap((event) => passed(held, event).flatMap(unladen)) };
  };
}

/** Whether a part begins with more than its words. */
function isLaden(event: ChatEvent): boolean {
  const part = event.case === 'partStart' ? event.value.part : undefined;
  const kind = part?.kind;
  if (kind?.case === 'text') return kind.value.annotations.length > 0 || part?.signature !== '';
  return kind?.case === 'reasoning' && part?.signature !== '';
}

function unladen(event: ChatEvent): ChatEvent[] {
  const part = event.case === 'partStart' ? event.value.part : undefined;
  if (event.case !== 'partStart' || part === undefined || !isLaden(event)) return [event];
  const { choice, index } = event.value;
  const text = part.kind.case === 'text' ? part.kind.value : undefined;
  const kind = text === undefined ? part.kind : { case: 'text' as const, value: { ...text, annotations: [] } };
  const bare = create(PartSchema, { ...part, kind, signature: '' });
  const annotations = text?.annotations ?? [];
  return [
    { case: 'partStart', value: create(PartStartSchema, { choice, index, part: bare }) },
    ...annotations.map((value) => partDeltaEvent(choice, index, { case: 'annotation', value })),
    ...(part.signature === '' ? [] : [partDeltaEvent(choice, index, { case: 'signature', value: part.signature })]),
  ];
}

function isGrowingPicture(event: ChatEvent): boolean {
  const kind = event.case === 'partStart' ? event.value.part?.kind : undefined;
  if (kind?.case !== 'image') return false;
  const location = kind.value.source?.location;
  return location?.case === undefined || (location.case === 'data' && location.value.length === 0);
}

function passed(held: Map<string, Held>, event: ChatEvent): ChatEvent[] {
  if (event.case === 'start' || event.case === 'finish') return [event];
  const key = `${event.value.choice}:${event.value.index}`;
  if (event.case === 'partStart') {
    if (!isGrowingPicture(event)) return [event];
    held.set(key, { start: event, pieces: [] });
    return [];
  }
  const picture = held.get(key);
  if (picture === undefined) return [event];
  if (event.case === 'partDelta') {
    if (event.value.delta.case === 'data') picture.pieces.push(event.value.delta.value);
    return [];
  }
  held.delete(key);
  return [wholeStart(picture), event];
}

function wholeStart({ start, pieces }: Held): ChatEvent {
  const { choice, index, part } = start.value;
  const image = part?.kind.case === 'image' ? part.kind.value : create(ImagePartSchema);
  const source = create(MediaSourceSchema, {
    location: { case: 'data', value: Buffer.concat(pieces) },
    mediaType: image.source?.mediaType ?? '',
  });
  const kind = { case: 'image' as const, value: create(ImagePartSchema, { detail: image.detail, source }) };
  const { signature = '', origin = '', itemId = '' } = part ?? {};
  const whole = create(PartSchema, { kind, signature, origin, itemId });
  return { case: 'partStart', value: create(PartStartSchema, { choice, index, part: whole }) };
}
