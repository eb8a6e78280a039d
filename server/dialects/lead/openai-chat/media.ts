import { create } from '@bufbuild/protobuf';
import { type MediaSource, MediaSourceSchema } from '../../../../gen/sluice/v1/content_pb.ts';

/** data:<media type>;base64,<bytes>, as RFC 2397 has it. */
const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*?);base64,/i;

/** An address as it stands in a body: data URLs become bytes, others stay addresses. */
export function sourceFromUrl(url: string): MediaSource {
  const match = DATA_URL.exec(url);
  if (match === null) return create(MediaSourceSchema, { location: { case: 'url', value: url } });
  return sourceFromBase64(url.slice(match[0].length), match[1] ?? '');
}

export function sourceFromBase64(base64: string, mediaType: string): MediaSource {
  return create(MediaSourceSchema, { location: { case: 'data', value: Buffer.from(base64, 'base64') }, mediaType });
}

/** The address for a body, or undefined where the source is a file of the provider's. */
export function urlFromSource(source: MediaSource): string | undefined {
  switch (source.location.case) {
    case 'url':
      return source.location.value;
    case 'data':
      return `data:${source.mediaType || 'application/octet-stream'};base64,${toBase64(source.location.value)}`;
    default:
      return undefined;
  }
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
