import { create } from '@bufbuild/protobuf';
import { type Annotation, AnnotationSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

// https://docs.cohere.com/docs/rag-citations: {start, end, text, sources: [{type, id, document | tool_output}], type}. Start
// and end count characters of the text that is cited for.

/** A citation as annotations: one for each of its sources, itself where it names none. */
export function decodeCitation(json: JsonObject): Annotation[] {
  const startIndex = countOf(json['start']);
  const endIndex = countOf(json['end']);
  const place = { ...(startIndex !== undefined && { startIndex }), ...(endIndex !== undefined && { endIndex }) };
  const sources = objectsOf(json['sources']);
  if (sources.length > 0) return sources.map((source) => create(AnnotationSchema, { kind: kindOf(source), ...place }));
  const raw = { case: 'raw' as const, value: { dialect: DIALECT, json: textOfAnswer(json) } };
  return [create(AnnotationSchema, { kind: raw, ...place })];
}

/** A document of the request, a page where it has an address, or the output of a tool, whose id begins with the call's. */
function kindOf(source: JsonObject) {
  const document = objectOf(source['document']) ?? {};
  const title = stringOf(document['title']);
  const url = stringOf(document['url']);
  return url === ''
    ? { case: 'documentCitation' as const, value: { fileId: stringOf(source['id']), title } }
    : { case: 'urlCitation' as const, value: { url, title } };
}

/** An annotation of such a text as a citation; undefined for those that another format has alone. */
export function encodeCitation(annotation: Annotation, text: string): JsonObject | undefined {
  const { kind, startIndex: start = 0, endIndex: end = start } = annotation;
  const cited = { start, end, text: text.slice(start, end), type: 'TEXT_CONTENT' };
  switch (kind.case) {
    case 'urlCitation': {
      const { url, title } = kind.value;
      return { ...cited, sources: [{ type: 'document', id: url, document: { id: url, title, url } }] };
    }
    case 'documentCitation': {
      const { fileId: id, title } = kind.value;
      return { ...cited, sources: [{ type: 'document', id, document: { id, title } }] };
    }
    case 'raw':
      return kind.value.dialect === DIALECT ? objectOf(JSON.parse(kind.value.json)) : undefined;
    case undefined:
      return undefined;
  }
}
