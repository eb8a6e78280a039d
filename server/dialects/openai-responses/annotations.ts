import { create } from '@bufbuild/protobuf';
import { type Annotation, AnnotationSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

/** The annotations of a text. Kinds that the contract has no place for are kept as they are. */
export function decodeAnnotations(value: JsonValue | undefined): Annotation[] {
  return objectsOf(value).map(decodeAnnotation);
}

export function decodeAnnotation(json: JsonObject): Annotation {
  switch (json['type']) {
    case 'url_citation': {
      const { startIndex, endIndex } = rangeOf(json);
      return create(AnnotationSchema, {
        kind: { case: 'urlCitation', value: { url: stringOf(json['url']), title: stringOf(json['title']) } },
        ...(startIndex !== undefined && { startIndex }),
        ...(endIndex !== undefined && { endIndex }),
      });
    }
    // It says where in the text the file is cited, not where in the file.
    case 'file_citation': {
      const startIndex = countOf(json['index']);
      return create(AnnotationSchema, {
        kind: {
          case: 'documentCitation',
          value: { fileId: stringOf(json['file_id']), title: stringOf(json['filename']) },
        },
        ...(startIndex !== undefined && { startIndex }),
      });
    }
    // container_file_citation names a container, file_path no text.
    default:
      return create(AnnotationSchema, { kind: { case: 'raw', value: { dialect: DIALECT, json: textOfAnswer(json) } } });
  }
}

function rangeOf(json: JsonObject) {
  return { startIndex: countOf(json['start_index']), endIndex: countOf(json['end_index']) };
}

/** An annotation as the format has it; none for what other formats have alone. An unknown position is the text's start. */
export function encodeAnnotation({ kind, startIndex = 0, endIndex = startIndex }: Annotation): JsonObject[] {
  switch (kind.case) {
    case 'urlCitation': {
      const { url, title } = kind.value;
      return [{ type: 'url_citation', url, title, start_index: startIndex, end_index: endIndex }];
    }
    case 'documentCitation': {
      const { fileId, title } = kind.value;
      return [{ type: 'file_citation', file_id: fileId, filename: title, index: startIndex }];
    }
    case 'raw': {
      const json = kind.value.dialect === DIALECT ? objectOf(JSON.parse(kind.value.json)) : undefined;
      return json === undefined ? [] : [json];
    }
    case undefined:
      return [];
  }
}
