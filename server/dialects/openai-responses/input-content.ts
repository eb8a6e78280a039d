import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Annotation, type MediaSourceSchema, type Part, PartSchema } from '../../../gen/sluice/v1/content_pb.ts';
import { decodeBase64, isDataUrl, parseDataUrl } from '../data-url.ts';
import { withFileOrigin } from '../file-origin.ts';
import {
  asPlace,
  badField,
  optional,
  optionalString,
  type Place,
  pathOf,
  requiredString,
  textOfJson,
  wrongField,
} from '../read-fields.ts';
import { decodeAnnotations } from './annotations.ts';
import { DIALECT } from './wire.ts';

type Source = MessageInitShape<typeof MediaSourceSchema>;
type Kind = Exclude<Extract<MessageInitShape<typeof PartSchema>, { $typeName?: never }>['kind'], undefined>;

/** The content of a message, or what a tool answered: text, or a list of entries. Throws SluiceError INVALID_REQUEST. */
export function decodeContent(place: Place, key: string): Part[] {
  const content = place.json[key];
  if (typeof content === 'string') return [create(PartSchema, { kind: { case: 'text', value: { text: content } } })];
  const path = pathOf(place, key);
  if (!Array.isArray(content)) throw wrongField(path, 'a string or an array', content);
  return content.map((item, index) => {
    const part = create(PartSchema, { kind: kindOf(asPlace(item, `${path}[${index}]`)) });
    return withFileOrigin(part, DIALECT);
  });
}

/** A type that the format does not know becomes a RawPart. */
function kindOf(place: Place): Kind {
  switch (requiredString(place, 'type')) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { case: 'text', value: { text: requiredString(place, 'text'), annotations: annotationsOf(place) } };
    case 'refusal':
      return { case: 'refusal', value: { text: requiredString(place, 'refusal') } };
    case 'input_image':
      return { case: 'image', value: { source: imageSource(place), detail: optionalString(place, 'detail') ?? '' } };
    case 'input_file':
      return {
        case: 'file',
        value: { source: fileSource(place), filename: optionalString(place, 'filename') ?? '' },
      };
    default:
      return { case: 'raw', value: { dialect: DIALECT, json: textOfJson(place.json, place.path) } };
  }
}

function annotationsOf(place: Place): Annotation[] {
  const annotations = optional(place, 'annotations');
  if (annotations === undefined) return [];
  // Nested without end, it could not be kept.
  textOfJson(annotations, pathOf(place, 'annotations'));
  return decodeAnnotations(annotations);
}

function imageSource(place: Place): Source {
  const url = optionalString(place, 'image_url');
  if (url !== undefined) return urlSource(url, pathOf(place, 'image_url'));
  const id = optionalString(place, 'file_id');
  if (id === undefined) throw badField(place.path, 'it needs image_url or file_id');
  return { location: { case: 'fileId', value: id } };
}

function fileSource(place: Place): Source {
  const id = optionalString(place, 'file_id');
  if (id !== undefined) return { location: { case: 'fileId', value: id } };
  const url = optionalString(place, 'file_url');
  if (url !== undefined) return urlSource(url, pathOf(place, 'file_url'));
  const data = optional(place, 'file_data');
  if (typeof data !== 'string') throw badField(place.path, 'it needs file_id, file_data or file_url');
  const path = pathOf(place, 'file_data');
  if (isDataUrl(data)) return urlSource(data, path);
  const value = decodeBase64(data);
  if (value === undefined) throw badField(path, 'it is neither base64 nor a data: URL');
  return { location: { case: 'data', value } };
}

/** The bytes of a data: URL; any other address stays one, for the provider to fetch. */
function urlSource(url: string, path: string): Source {
  if (!isDataUrl(url)) return { location: { case: 'url', value: url } };
  const inline = parseDataUrl(url);
  if (inline === undefined) throw badField(path, 'it is a broken data: URL');
  return { location: { case: 'data', value: inline.data }, mediaType: inline.mediaType };
}
