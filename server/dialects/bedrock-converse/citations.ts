import { create } from '@bufbuild/protobuf';
import { type Annotation, AnnotationSchema } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../core/json.ts';
import { countOf, objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { DIALECT } from './wire.ts';

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html

/** The places within documents, and what their start and end count. */
const UNITS: readonly (readonly [member: string, unit: string])[] = [
  ['documentChar', 'char'],
  ['documentPage', 'page'],
  ['documentChunk', 'chunk'],
];

/** A citation of a text of such a length: it is about all of it. Kinds that the contract has nothing for stay as they are. */
export function decodeCitation(json: JsonObject, length: number): Annotation {
  return create(AnnotationSchema, { kind: kindOf(json), startIndex: 0, endIndex: length });
}

function kindOf(json: JsonObject) {
  const location = objectOf(json['location']) ?? {};
  const title = stringOf(json['title']);
  const citedText = objectsOf(json['sourceContent'])
    .map(({ text }) => stringOf(text))
    .join('');
  const web = objectOf(location['web']);
  if (web !== undefined) {
    return { case: 'urlCitation' as const, value: { url: stringOf(web['url']), title, citedText } };
  }
  for (const [member, unit] of UNITS) {
    const place = objectOf(location[member]);
    if (place === undefined) continue;
    const documentIndex = countOf(place['documentIndex']);
    const start = countOf(place['start']);
    const end = countOf(place['end']);
    const value = {
      title,
      citedText,
      unit,
      ...(documentIndex !== undefined && { documentIndex }),
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
    };
    return { case: 'documentCitation' as const, value };
  }
  return { case: 'raw' as const, value: { dialect: DIALECT, json: textOfAnswer(json) } };
}

/** A citation as the format has it; undefined for those that another format has alone. */
export function encodeCitation({ kind }: Annotation): JsonObject | undefined {
  switch (kind.case) {
    case 'urlCitation': {
      const { url, title, citedText } = kind.value;
      return { ...named(title), ...cited(citedText), location: { web: { url } } };
    }
    case 'documentCitation': {
      const { title, citedText, unit, documentIndex, start, end } = kind.value;
      const member = UNITS.find(([, known]) => known === unit)?.[0];
      const location = member === undefined ? {} : { location: { [member]: { documentIndex, start, end } } };
      return { ...named(title), ...cited(citedText), ...location };
    }
    case 'raw':
      return kind.value.dialect === DIALECT ? objectOf(JSON.parse(kind.value.json)) : undefined;
    default:
      return undefined;
  }
}

const named = (title: string): JsonObject => (title === '' ? {} : { title });
const cited = (text: string): JsonObject => (text === '' ? {} : { sourceContent: [{ text }] });
