import { clone, create } from '@bufbuild/protobuf';
import { MessageSchema, Role } from '../../gen/sluice/v1/content_pb.ts';
import { type Warning, WarningCode, WarningSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import type { AttemptError } from '../errors/attempt-error.ts';
import type { ChatInput } from './chat.ts';
import { SchemaFailure } from './quality-gate.ts';

/**
 * The same question, with the answer that does not meet its schema and what is wrong with it. The caller's own body cannot be
 * added to, so it is left out; strict calls, which may lose nothing, are not repaired then: undefined.
 */
export function repairedInput(input: ChatInput, error: AttemptError): ChatInput | undefined {
  const { wire, ...rest } = input;
  if (!(error instanceof SchemaFailure) || (input.controls.strict && wire !== undefined)) return undefined;
  const generation = clone(GenerationSchema, input.generation);
  const told = `That answer does not meet the JSON schema: ${error.complaint}. Answer again with JSON that meets it, and nothing else.`;
  generation.messages.push(said(Role.ASSISTANT, error.answer), said(Role.USER, told));
  return { ...rest, generation };
}

/** What a repair loses of a body that would have gone out as it came. */
export function repairWarnings({ wire }: ChatInput, dialect: string): readonly Warning[] {
  if (wire?.dialect !== dialect) return [];
  const message = 'The model was asked to repair its answer, without members of the request that Sluice does not know.';
  return [create(WarningSchema, { code: WarningCode.APPROXIMATED, field: 'generation', message })];
}

function said(role: Role, text: string) {
  return create(MessageSchema, { role, parts: [{ kind: { case: 'text', value: { text } } }] });
}
