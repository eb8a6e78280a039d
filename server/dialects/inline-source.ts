import type { MediaSource } from '../../gen/sluice/v1/content_pb.ts';
import { isDataUrl, parseDataUrl } from './data-url.ts';

/** A source whose data: URL is read as the bytes that it holds. A broken one stays as it is. */
export function inlineSource(source: MediaSource | undefined): MediaSource | undefined {
  if (source?.location.case !== 'url' || !isDataUrl(source.location.value)) return source;
  const inline = parseDataUrl(source.location.value);
  if (inline === undefined) return source;
  return { ...source, location: { case: 'data', value: inline.data }, mediaType: inline.mediaType };
}
