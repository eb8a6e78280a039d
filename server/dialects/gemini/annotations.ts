import { create } from '@bufbuild/protobuf';
import {
  type Annotation,
  AnnotationSchema,
  DocumentCitationSchema,
  UrlCitationSchema,
} from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf } from '../read-answer.ts';

// groundingMetadata and citationMetadata of a candidate: https://ai.google.dev/api/generate-content#GroundingMetadata

/** A source of a statement. Places are bytes of UTF-8 there; undefined where none is given. */
export interface Cited {
  readonly kind: Annotation['kind'];
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** Of the candidate's parts, the one that the places count from. */
  readonly partIndex: number;
}

/** All sources that a candidate names for statements of its text. */
export function citedBy(candidate: JsonObject): Cited[] {
  if (candidate['groundingMetadata'] === undefined && candidate['citationMetadata'] === undefined) return [];
  const grounding = objectOf(candidate['groundingMetadata']) ?? {};
  const chunks = objectsOf(grounding['groundingChunks']);
  const supported = objectsOf(grounding['groundingSupports']).flatMap((support) => citedBySupport(support, chunks));
  const quoted = objectsOf(objectOf(candidate['citationMetadata'])?.['citations']).map((citation) => ({
    ...placeOf(citation),
    kind: page(stringOf(citation['uri']), stringOf(citation['title'])),
    partIndex: 0,
  }));
  return [...supported, ...quoted];
}

function citedBySupport(support: JsonObject, chunks: readonly JsonObject[]): Cited[] {
  const segment = objectOf(support['segment']) ?? {};
  const place = placeOf(segment);
  const indices = Array.isArray(support['groundingChunkIndices']) ? support['groundingChunkIndices'] : [];
  return indices.flatMap((index) => {
    const chunk = typeof index === 'number' ? chunks[index] : undefined;
    const kind = chunk && sourceOf(chunk);
    return kind === undefined ? [] : [{ ...place, kind, partIndex: countOf(segment['partIndex']) ?? 0 }];
  });
}

/** A start of zero is left out, as all zeroes are in Google's JSON. */
function placeOf(json: JsonObject): Pick<Cited, 'start' | 'end'> {
  const end = countOf(json['endIndex']);
  return end === undefined ? { start: undefined, end: undefined } : { start: countOf(json['startIndex']) ?? 0, end };
}

function sourceOf(chunk: JsonObject): Annotation['kind'] | undefined {
  const web = objectOf(chunk['web']) ?? objectOf(chunk['maps']);
  if (web !== undefined) return page(stringOf(web['uri']), stringOf(web['title']));
  const image = objectOf(chunk['image']);
  if (image !== undefined) return page(stringOf(image['sourceUri']), stringOf(image['title']));
  const retrieved = objectOf(chunk['retrievedContext']);
  if (retrieved === undefined) return undefined;
  const [uri, title, citedText] = [retrieved['uri'], retrieved['title'], retrieved['text']].map(stringOf);
  if (/^https?:/.test(uri ?? '')) return page(uri ?? '', title ?? '', citedText);
  const document = {
    fileId: uri || stringOf(retrieved['documentName']),
    title: title ?? '',
    citedText: citedText ?? '',
  };
  return { case: 'documentCitation', value: create(DocumentCitationSchema, document) };
}

function page(url: string, title: string, citedText = ''): Annotation['kind'] {
  return { case: 'urlCitation', value: create(UrlCitationSchema, { url, title, citedText }) };
}

/** An annotation at such a place, in UTF-16 units. */
export function annotationAt(
  kind: Annotation['kind'],
  place: { readonly start: number; readonly end: number } | undefined,
): Annotation {
  return create(AnnotationSchema, { kind, ...(place && { startIndex: place.start, endIndex: place.end }) });
}

/** The position in UTF-16 units of each byte of a text in UTF-8. */
export function byteIndex(text: string): (byte: number) => number {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length === text.length) return (byte) => Math.min(byte, text.length);
  const units = new Uint32Array(bytes.length + 1);
  let unit = 0;
  for (const [at, byte] of bytes.entries()) {
    units[at] = unit;
    // Bytes that go on a character count none; one of four bytes is a surrogate pair.
    if (byte >= 0xf0) unit += 2;
    else if (byte < 0x80 || byte >= 0xc0) unit += 1;
  }
  units[bytes.length] = unit;
  return (byte) => units[Math.min(byte, bytes.length)] ?? unit;
}

/** A text with its annotations, as a candidate shows it, and the index of its part. */
export interface AnnotatedText {
  readonly text: string;
  readonly partIndex: number;
  readonly annotations: readonly Annotation[];
}

/** The groundingMetadata that says the same as annotations of texts; undefined where there is nothing to say. */
export function encodeGrounding(texts: readonly AnnotatedText[]): JsonObject | undefined {
  const chunks: JsonObject[] = [];
  const supports: JsonObject[] = [];
  for (const { text, partIndex, annotations } of texts) {
    for (const annotation of annotations) {
      const chunk = chunkOf(annotation);
      if (chunk === undefined) continue;
      chunks.push(chunk);
      const segment = segmentOf(annotation, text);
      if (segment !== undefined) {
        const groundingChunkIndices = [chunks.length - 1];
        supports.push({ segment: { ...(partIndex > 0 && { partIndex }), ...segment }, groundingChunkIndices });
      }
    }
  }
  return chunks.length === 0 ? undefined : { groundingChunks: chunks, groundingSupports: supports };
}

function chunkOf({ kind }: Annotation): JsonObject | undefined {
  if (kind.case === 'urlCitation') return { web: { uri: kind.value.url, title: kind.value.title } };
  if (kind.case !== 'documentCitation') return undefined;
  const { fileId, title, citedText } = kind.value;
  return { retrievedContext: { uri: fileId || undefined, title, text: citedText } };
}

function segmentOf({ startIndex, endIndex }: Annotation, text: string): JsonObject | undefined {
  if (endIndex === undefined) return undefined;
  const before = text.slice(0, startIndex ?? 0);
  const cited = text.slice(startIndex ?? 0, endIndex);
  const start = Buffer.byteLength(before, 'utf8');
  return { startIndex: start, endIndex: start + Buffer.byteLength(cited, 'utf8'), text: cited };
}
