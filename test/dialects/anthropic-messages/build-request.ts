import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { WireQuirks } from '../../../server/core/wire-quirks.ts';
import { provider } from './drive.ts';

export type Init = { [K in keyof MessageInitShape<typeof GenerationSchema>]?: unknown };

const WORDS = new Map<number, string>(Object.entries(WarningCode).map(([word, code]) => [code, word]));
export const say = (text: string) => ({ kind: { case: 'text' as const, value: { text } } });
export const message = (role: Role, ...parts: object[]) => ({ role, parts }) as { role: Role };
export const hello = message(Role.USER, say('Hello'));
export const call = (id: string, name = 'f', input = '{}') => ({
  kind: { case: 'toolCall', value: { id, name, input: { case: 'argumentsJson', value: input } } },
});
export const result = (callId: string, ...parts: object[]) => ({
  kind: { case: 'toolResult', value: { callId, parts } },
});
export const tools = [
  { kind: { case: 'function' as const, value: { name: 'f', parametersJsonSchema: '{"type":"object"}' } } },
];

/** A request for a model, and its losses as in "DROPPED seed". */
export function encode(
  init: Init,
  {
    model = 'claude-sonnet-4-5',
    quirks = {},
    stream = false,
  }: { model?: string; quirks?: WireQuirks; stream?: boolean } = {},
) {
  const generation = create(GenerationSchema, { model, messages: [hello], maxOutputTokens: 9000, ...init } as object);
  const request = provider.encodeRequest(generation, { provider: 'p', model, quirks, stream });
  const losses = request.warnings.map(({ code, field }) => `${WORDS.get(code)} ${field.replace('generation.', '')}`);
  return { ...request, body: JSON.parse(JSON.stringify(request.body)), losses };
}
