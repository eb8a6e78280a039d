import { describe, expect, it } from 'vitest';
import type { ChatDialectName, Frame } from '../../server/dialects/dialect.ts';
import { chatProviderCodec } from '../../server/dialects/registry.ts';
import { attemptError } from './support/drive.ts';

interface Failing {
  readonly dialect: ChatDialectName;
  readonly word: string;
  readonly failure: string;
  /** Whether it is one however much was said before. */
  readonly always: boolean;
}

const FAILING: readonly Failing[] = [
  ...['MALFORMED_FUNCTION_CALL', 'MALFORMED_RESPONSE', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS'].map((word) => ({
    dialect: 'gemini' as const,
    word,
    failure: 'MALFORMED',
    always: false,
  })),
  ...['malformed_model_output', 'malformed_tool_use'].map((word) => ({
    dialect: 'bedrock-converse' as const,
    word,
    failure: 'MALFORMED',
    always: false,
  })),
  { dialect: 'openai-chat', word: 'insufficient_system_resource', failure: 'OVERLOADED', always: true },
  { dialect: 'openai-chat', word: 'network_error', failure: 'SERVER_ERROR', always: true },
  { dialect: 'openai-chat', word: 'error', failure: 'SERVER_ERROR', always: true },
  { dialect: 'cohere', word: 'ERROR', failure: 'SERVER_ERROR', always: true },
  { dialect: 'cohere', word: 'TIMEOUT', failure: 'TIMEOUT', always: true },
];

function answerOf({ dialect, word }: Failing, text: string): object {
  const content = text === '' ? [] : [{ text }];
  if (dialect === 'gemini') return { candidates: [{ content: { parts: content }, finishReason: word }] };
  if (dialect === 'bedrock-converse') return { output: { message: { role: 'assistant', content } }, stopReason: word };
  if (dialect === 'openai-chat') return { choices: [{ message: { content: text }, finish_reason: word }] };
  return { message: { role: 'assistant', content: [{ type: 'text', text }] }, finish_reason: word };
}

const frame = (event: string, json: object): Frame => ({ event, data: JSON.stringify(json) });

function framesOf({ dialect, word }: Failing, text: string): Frame[] {
  if (dialect === 'gemini') {
    const said = text === '' ? [] : [frame('', { candidates: [{ content: { parts: [{ text }] } }] })];
    return [...said, frame('', { candidates: [{ finishReason: word }] })];
  }
  if (dialect === 'bedrock-converse') {
    const said = text === '' ? [] : [frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })];
    return [frame('messageStart', { role: 'assistant' }), ...said, frame('messageStop', { stopReason: word })];
  }
  if (dialect === 'openai-chat') {
    return [
      frame('', { choices: [{ delta: { content: text } }] }),
      frame('', { choices: [{ delta: {}, finish_reason: word }] }),
    ];
  }
  return [frame('message-end', { type: 'message-end', delta: { finish_reason: word } })];
}

describe.each(FAILING)('$dialect: an answer that ends with $word', (failing) => {
  const codec = chatProviderCodec(failing.dialect);
  const whole = (text: string) => codec?.decodeResponse(JSON.stringify(answerOf(failing, text)), {});
  const streamed = (text: string) => {
    const decoder = codec?.createStreamDecoder({});
    for (const one of framesOf(failing, text)) decoder?.push(one);
    return decoder?.end().events.at(-1);
  };

  it('and says nothing is a failure, after which another target may be tried', () => {
    const told = { failure: failing.failure, providerCode: failing.word };
    expect(attemptError(() => whole(''))).toMatchObject(told);
    expect(attemptError(() => streamed(''))).toMatchObject(told);
  });

  it.runIf(failing.always)('is a failure however much of it came', () => {
    expect(attemptError(() => whole('So')).failure).toBe(failing.failure);
    expect(attemptError(() => streamed('So')).failure).toBe(failing.failure);
  });

  it.skipIf(failing.always)('keeps what was said before, and the word', () => {
    expect(whole('So')?.response.choices[0]).toMatchObject({ finishReason: 7, rawFinishReason: failing.word });
    expect(streamed('So')?.value).toMatchObject({ choices: [{ reason: 7, rawReason: failing.word }] });
  });
});
