import type { ResponseFormat } from '../../gen/sluice/v1/generation_pb.ts';
import { writableObject } from './writable-object.ts';

const ALONE = 'and nothing else: no words around it, no code fence.';

/**
 * What tells a model to answer in JSON where the format has no other way to. Throws SluiceError INVALID_REQUEST where the
 * schema is no JSON object.
 */
export function jsonInstruction(kind: ResponseFormat['kind']): string {
  if (kind.case !== 'jsonSchema' || kind.value.schemaJson === '') return `Answer with one JSON object ${ALONE}`;
  const { name, description, schemaJson } = kind.value;
  const schema = writableObject(schemaJson, 'generation.response_format.json_schema.schema_json');
  const about = [name, description].filter((text) => text !== '').join(': ');
  const told = about === '' ? '' : ` (${about})`;
  return `When you give your answer, give it as one JSON value that keeps to this JSON Schema${told}, ${ALONE}\n${JSON.stringify(schema)}`;
}
