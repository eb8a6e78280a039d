import { create } from '@bufbuild/protobuf';
import { type Annotation, AnnotationSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import type { Source } from './answer-extras.ts';
import { DIALECT } from './wire.ts';

/** The annotations member of a message or delta. Kinds that the format does not know are kept as they are. */
export function decodeAnnotations(value: JsonValue | undefined): Annotation[] {
  return objectsOf(value).map((json) => {
    const citation = json['type'] === 'url_citation' ? objectOf(json['url_citation']) : undefined;
    if (citation === undefined) {
      return create(AnnotationSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(json) } } });
    }
    const startIndex = countOf(citation['start_index']);
    const endIndex = countOf(citation['end_index']);
    return create(AnnotationSchema, {
      kind: {
        case: 'urlCitation',
        value: {
          url: stringOf(citation['url']),
          title: stringOf(citation['title']),
          citedText: stringOf(citation['content']),
        },
      },
      ...(startIndex !== undefined && { startIndex }),
      ...(endIndex !== undefined && { endIndex }),
    });
  });
}

/** Pages that the answer as a whole rests on, as citations of no place in its text. */
export function annotationsOfSources(sources: readonly Source[]): Annotation[] {
  return sources.map((value) => create(AnnotationSchema, { kind: { case: 'urlCitation', value } }));
}

/**
 * Citations of pages; the format has no others. A position that is unknown is the text's start. A message of this
 * format has one text: offset is where the annotated one begins in it, in UTF-16 units.
 */
export function encodeAnnotations(annotations: readonly Annotation[], offset: number): JsonObject[] {
  return annotations.flatMap(({ kind, startIndex = 0, endIndex = startIndex }) => {
    if (kind.case === 'raw' && kind.value.dialect === DIALECT) {
      const json = objectOf(JSON.parse(kind.value.json));
      return json === undefined ? [] : [json];
    }
    if (kind.case !== 'urlCitation') return [];
    const { url, title } = kind.value;
    const place = { start_index: offset + startIndex, end_index: offset + endIndex };
    return [{ type: 'url_citation', url_citation: { url, title, ...place } }];
  });
}
