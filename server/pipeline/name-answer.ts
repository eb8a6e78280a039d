import type { StreamStep } from '../dialects/dialect.ts';

/** What an answer is called where its format leaves that out: Bedrock's have no id and no model, Cohere's no model. */
export interface AnswerName {
  readonly id: string;
  readonly model: string;
}

/** Gives an answer the names that it lacks. An answer to an embedding call has no id. */
export function nameAnswer(answer: { id?: string; model: string }, name: AnswerName): void {
  if (answer.id === '') answer.id = name.id;
  if (answer.model === '') answer.model = name.model;
}

/** The same of the start of a stream. */
export function nameStream(steps: readonly StreamStep[], name: AnswerName): void {
  for (const { events } of steps) {
    for (const event of events) if (event.case === 'start') nameAnswer(event.value, name);
  }
}
