import { type ChatResponse, type Choice, FinishReason } from '../../gen/sluice/v1/chat_service_pb.ts';
import type { Part } from '../../gen/sluice/v1/content_pb.ts';
import type { Generation } from '../../gen/sluice/v1/generation_pb.ts';
import { type SchemaCheck, schemaCheck } from '../core/schema-check.ts';
import { AttemptError, type AttemptFailure } from '../errors/attempt-error.ts';
import type { FallbackPolicy } from '../routing/route.ts';

/** What a route takes for no answer, though the provider does. */
export interface QualityGate {
  readonly empty: boolean;
  readonly refused: boolean;
  readonly filtered: boolean;
  /** Of the request's own schema. */
  readonly schema: SchemaCheck | undefined;
}

/** The gate of a call: only for failures that the route names. Undefined where it names none of them. */
export function qualityGate(policy: FallbackPolicy | undefined, generation: Generation): QualityGate | undefined {
  const named = policy?.on;
  if (named === undefined || !GATED.some((failure) => named.has(failure))) return undefined;
  return {
    empty: named.has('EMPTY_RESPONSE'),
    refused: named.has('REFUSAL'),
    filtered: named.has('CONTENT_FILTERED'),
    schema: named.has('SCHEMA_INVALID') ? schemaOf(generation) : undefined,
  };
}

const GATED: readonly AttemptFailure[] = ['EMPTY_RESPONSE', 'REFUSAL', 'CONTENT_FILTERED', 'SCHEMA_INVALID'];

/** Any object, for requests that ask for JSON alone. */
const ANY_OBJECT = '{"type":"object"}';

function schemaOf({ responseFormat }: Generation): SchemaCheck | undefined {
  const kind = responseFormat?.kind;
  if (kind?.case === 'jsonObject') return schemaCheck(ANY_OBJECT);
  return kind?.case === 'jsonSchema' ? schemaCheck(kind.value.schemaJson) : undefined;
}

/** As much of a gate as holds at the last target: there a refusal is the answer. */
export function gateAt(gate: QualityGate | undefined, isLast: boolean): QualityGate | undefined {
  return gate === undefined || !isLast ? gate : { ...gate, refused: false, filtered: false };
}

/** Throws AttemptError with the answer's usage where it does not pass the gate. */
export function passGate(gate: QualityGate, { choices, usage }: Pick<ChatResponse, 'choices' | 'usage'>): void {
  const isEvery = (holds: (choice: Choice) => boolean): boolean => choices.every(holds);
  if (gate.refused && isEvery(isRefusal)) {
    throw new AttemptError('REFUSAL', 'The model declined.', { status: 200, usage });
  }
  if (gate.filtered && isEvery(({ finishReason }) => finishReason === FinishReason.CONTENT_FILTER)) {
    throw new AttemptError('CONTENT_FILTERED', 'The content filter cut the answer.', { status: 200, usage });
  }
  if (gate.empty && isEvery(({ parts }) => !parts.some(isSomething))) {
    throw new AttemptError('EMPTY_RESPONSE', 'The answer holds nothing.', { status: 200, usage });
  }
  for (const choice of choices) {
    const text = answerText(choice);
    const verdict = text === undefined ? undefined : gate.schema?.(text);
    if (verdict?.kind !== 'fails') continue;
    throw new SchemaFailure(text ?? '', verdict.complaint, usage);
  }
}

/** An answer that does not meet its schema, with what a repair needs to know. */
export class SchemaFailure extends AttemptError {
  readonly answer: string;
  readonly complaint: string;

  constructor(answer: string, complaint: string, usage: ChatResponse['usage']) {
    super('SCHEMA_INVALID', `The answer does not meet the schema: ${complaint}`, { status: 200, usage });
    this.answer = answer;
    this.complaint = complaint;
  }
}

function isRefusal({ finishReason, parts }: Choice): boolean {
  return finishReason === FinishReason.REFUSAL || parts.some(({ kind }) => kind.case === 'refusal');
}

/** Thoughts alone are no answer. */
function isSomething({ kind }: Part): boolean {
  if (kind.case === 'text' || kind.case === 'refusal') return kind.value.text.trim() !== '';
  return kind.case !== undefined && kind.case !== 'reasoning';
}

/** What has a schema to meet: the text of an answer that came to its own end. */
function answerText({ finishReason, parts }: Choice): string | undefined {
  if (finishReason !== FinishReason.STOP) return undefined;
  return parts.flatMap(({ kind }) => (kind.case === 'text' ? [kind.value.text] : [])).join('');
}
