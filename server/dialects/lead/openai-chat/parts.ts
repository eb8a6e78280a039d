import { create } from '@bufbuild/protobuf';
import { type Part, PartSchema } from '../../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../../core/json.ts';

export function textPart(text: string): Part {
  return create(PartSchema, { kind: { case: 'text', value: { text } } });
}

export function reasoningPart(text: string): Part {
  return create(PartSchema, { kind: { case: 'reasoning', value: { text } } });
}

export function refusalPart(text: string): Part {
  return create(PartSchema, { kind: { case: 'refusal', value: { text } } });
}

/** What this format has alone, kept as it was. */
export function rawPart(json: JsonObject): Part {
  return create(PartSchema, { kind: { case: 'raw', value: { dialect: 'openai-chat', json: JSON.stringify(json) } } });
}
