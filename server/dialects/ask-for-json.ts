import { create } from '@bufbuild/protobuf';
import { type Message, MessageSchema, type Part, Role } from '../../gen/sluice/v1/content_pb.ts';
import type { Generation, ResponseFormat } from '../../gen/sluice/v1/generation_pb.ts';
import type { Losses } from './losses.ts';

/**
 * The request with a word of JSON in it where an answer in JSON is asked for without a schema. OpenAI refuses it otherwise:
 * "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'". read: the messages
 * where it looks for the word.
 */
export function askForJson(generation: Generation, read: readonly Message[], losses: Losses): Generation {
  const { responseFormat, messages } = generation;
  if (!isJsonWithoutSchema(responseFormat) || read.some(({ parts }) => parts.some(saysJson))) return generation;
  losses.emulated('generation.response_format', 'The prompt must speak of JSON there: "Answer in JSON." is put in.');
  const parts = [{ kind: { case: 'text' as const, value: { text: 'Answer in JSON.' } } }];
  return { ...generation, messages: [...messages, create(MessageSchema, { role: Role.USER, parts })] };
}

function isJsonWithoutSchema(format: ResponseFormat | undefined): boolean {
  const kind = format?.kind;
  if (kind?.case === 'jsonSchema') return /^\s*(?:\{\s*\}\s*)?$/.test(kind.value.schemaJson);
  return kind?.case === 'jsonObject';
}

function saysJson({ kind }: Part): boolean {
  if (kind.case === 'toolResult') return kind.value.parts.some(saysJson);
  return kind.case === 'text' && /json/i.test(kind.value.text);
}
