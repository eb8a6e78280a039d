import type { ChatResponse } from './gen/sluice/v1/chat_service_pb.ts';

/** The text of the first answer, its text parts joined; reasoning, refusals and tool calls are not in it. */
export function answerText(answer: ChatResponse): string {
  const first = answer.choices.find((choice) => choice.index === 0);
  return (first?.parts ?? []).map(({ kind }) => (kind.case === 'text' ? kind.value.text : '')).join('');
}
