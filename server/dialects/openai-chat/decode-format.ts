import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ResponseFormatSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalString,
  type Place,
  requiredObject,
  requiredString,
  textOfJson,
} from '../read-fields.ts';

/** What form the answer has. Forms that only some servers know (grammar, regex) stay in the raw body alone. */
export function decodeFormat(body: Place): MessageInitShape<typeof ResponseFormatSchema> | undefined {
  const format = optionalObject(body, 'response_format');
  if (format === undefined) return undefined;
  switch (requiredString(format, 'type')) {
    case 'text':
      return { kind: { case: 'text', value: {} } };
    case 'json_object':
      return jsonObject(format);
    case 'json_schema':
      return { kind: { case: 'jsonSchema', value: jsonSchema(requiredObject(format, 'json_schema')) } };
    default:
      return undefined;
  }
}

/** llama.cpp, Together and Fireworks take a schema here. */
function jsonObject(format: Place): MessageInitShape<typeof ResponseFormatSchema> {
  const schema = optionalObject(format, 'schema');
  if (schema === undefined) return { kind: { case: 'jsonObject', value: {} } };
  return { kind: { case: 'jsonSchema', value: { schemaJson: textOfJson(schema.json, schema.path) } } };
}

/** The name is OpenAI's demand alone. */
function jsonSchema(place: Place) {
  const schema = optionalObject(place, 'schema');
  const strict = optionalBoolean(place, 'strict');
  return {
    name: optionalString(place, 'name') ?? '',
    description: optionalString(place, 'description') ?? '',
    schemaJson: schema === undefined ? '' : textOfJson(schema.json, schema.path),
    ...(strict === undefined ? {} : { strict }),
  };
}
