import { create } from '@bufbuild/protobuf';
import {
  type Annotation,
  AnnotationSchema,
  type DocumentCitation,
  DocumentCitationSchema,
  RawPartSchema,
  UrlCitationSchema,
} from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { parsedObject } from '../json-text.ts';
import { countOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** The members that hold where a cited passage of a document starts and ends. */
interface Location {
  readonly type: string;
  readonly unit: string;
  readonly start: string;
  readonly end: string;
}

const LOCATIONS: readonly Location[] = [
  { type: 'char_location', unit: 'char', start: 'start_char_index', end: 'end_char_index' },
  { type: 'page_location', unit: 'page', start: 'start_page_number', end: 'end_page_number' },
  { type: 'content_block_location', unit: 'block', start: 'start_block_index', end: 'end_block_index' },
];

/** A citation of any type. It is about the whole of its block: length is that of the block's text, where it is known. */
export function decodeCitation(json: JsonObject, length?: number): Annotation {
  return create(AnnotationSchema, {
    kind: kindOf(json),
    ...(length !== undefined && { startIndex: 0, endIndex: length }),
  });
}

function kindOf(json: JsonObject): Annotation['kind'] {
  const location = LOCATIONS.find(({ type }) => type === json['type']);
  if (location !== undefined) return { case: 'documentCitation', value: documentCitation(json, location) };
  if (json['type'] !== 'web_search_result_location') {
    return { case: 'raw', value: create(RawPartSchema, { dialect: DIALECT, json: textOfAnswer(json) }) };
  }
  const { url, title, cited_text } = json;
  return {
    case: 'urlCitation',
    value: create(UrlCitationSchema, { url: stringOf(url), title: stringOf(title), citedText: stringOf(cited_text) }),
  };
}

function documentCitation(json: JsonObject, { unit, start: startName, end: endName }: Location): DocumentCitation {
  const documentIndex = countOf(json['document_index']);
  const start = countOf(json[startName]);
  const end = countOf(json[endName]);
  return create(DocumentCitationSchema, {
    fileId: stringOf(json['file_id']),
    title: stringOf(json['document_title']),
    unit,
    citedText: stringOf(json['cited_text']),
    ...(documentIndex !== undefined && { documentIndex }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  });
}

/** A citation for the caller; undefined for kinds that this format has no type for. */
export function encodeCitation({ kind }: Annotation): JsonObject | undefined {
  switch (kind.case) {
    case 'documentCitation':
      return encodeDocumentCitation(kind.value);
    case 'urlCitation': {
      const { url, title, citedText } = kind.value;
      // The index is for the provider alone; other providers' citations have none.
      return { type: 'web_search_result_location', url, title, cited_text: citedText, encrypted_index: '' };
    }
    case 'raw':
      return kind.value.dialect === DIALECT ? parsedObject(kind.value.json) : undefined;
    default:
      return undefined;
  }
}

function encodeDocumentCitation(citation: DocumentCitation): JsonObject | undefined {
  const location = LOCATIONS.find(({ unit }) => unit === citation.unit);
  if (location === undefined) return undefined;
  const { start = 0, end = start, documentIndex = 0 } = citation;
  return {
    type: location.type,
    cited_text: citation.citedText,
    document_index: documentIndex,
    document_title: citation.title || null,
    [location.start]: start,
    [location.end]: end,
    file_id: citation.fileId || null,
  };
}

/**
 * A citation of an earlier answer, to be sent back; undefined where that cannot be: pages of a search bear an index that
 * only the wire form holds, and without it the provider refuses them.
 */
export function citationToSend(annotation: Annotation): JsonObject | undefined {
  if (annotation.kind.case === 'urlCitation') return undefined;
  const json = encodeCitation(annotation);
  if (json === undefined) return undefined;
  const { file_id: _, ...sent } = json;
  return sent;
}
