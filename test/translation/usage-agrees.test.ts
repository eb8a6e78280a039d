import { describe, expect, it } from 'vitest';
import type { ChatDialectName, Frame } from '../../server/dialects/dialect.ts';
import { type Counts, countsOf } from './reading.ts';
import { eventsOfFrames, providerOf } from './recorded.ts';

// One answer, as each provider bills it: 100 tokens asked, 30 of them read from a cache, 20 written to it, 5 of sound; 50
// answered, 15 of them thoughts, 7 of sound.
const ALL: Counts = {
  inputTokens: 100,
  outputTokens: 50,
  cacheReadTokens: 30,
  cacheWriteTokens: 20,
  reasoningTokens: 15,
  inputAudioTokens: 5,
  outputAudioTokens: 7,
};

interface Row {
  readonly dialect: ChatDialectName;
  readonly usage: object;
  /** Counts that the format has none of. */
  readonly without: readonly (keyof Counts)[];
  unary(usage: object): object;
  /** The frames of a stream with its usage told as often as there are items, before the words or where the format has it. */
  stream(usages: readonly object[], early: boolean): readonly Frame[];
}

const data = (value: object): Frame => ({ event: '', data: JSON.stringify(value) });
const named = (event: string, value: object): Frame => ({ event, data: JSON.stringify(value) });
const typed = (value: { type: string }): Frame => named(value.type, value);
const DONE: Frame = { event: '', data: '[DONE]' };
const around = (usages: readonly Frame[], early: boolean, words: readonly Frame[]): Frame[] =>
  early ? [...usages, ...words] : [...words, ...usages];

const OPENAI = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 20, audio_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 15, audio_tokens: 7 },
};
const AUDIO = ['inputAudioTokens', 'outputAudioTokens'] as const;
const responseOf = (usage: object | undefined, status = 'completed') => ({
  id: 'r1',
  object: 'response',
  model: 'm',
  status,
  output: [{ type: 'message', id: 'm1', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }],
  ...(usage && { usage }),
});

const ROWS: readonly Row[] = [
  {
    dialect: 'openai-chat',
    usage: OPENAI,
    without: [],
    unary: (usage) => ({
      id: 'c',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage,
    }),
    stream: (usages, early) => [
      ...around(
        usages.map((usage) => data({ id: 'c', model: 'm', choices: [], usage })),
        early,
        [
          data({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'Hi' } }] }),
          data({ id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
        ],
      ),
      DONE,
    ],
  },
  {
    dialect: 'openai-completions',
    usage: OPENAI,
    without: [],
    unary: (usage) => ({ id: 'c', model: 'm', choices: [{ index: 0, text: 'Hi', finish_reason: 'stop' }], usage }),
    stream: (usages, early) => [
      ...around(
        usages.map((usage) => data({ id: 'c', model: 'm', choices: [], usage })),
        early,
        [
          data({ id: 'c', model: 'm', choices: [{ index: 0, text: 'Hi' }] }),
          data({ id: 'c', model: 'm', choices: [{ index: 0, text: '', finish_reason: 'stop' }] }),
        ],
      ),
      DONE,
    ],
  },
  {
    dialect: 'openai-responses',
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 30, cache_write_tokens: 20 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 15 },
      total_tokens: 150,
    },
    without: AUDIO,
    unary: (usage) => responseOf(usage),
    // The last event bears it always; others may, too.
    stream: (usages, early) => [
      typed({ type: 'response.created', ...{ response: responseOf(early ? usages[0] : undefined, 'in_progress') } }),
      ...usages
        .slice(0, -1)
        .map((usage) => typed({ type: 'response.in_progress', ...{ response: responseOf(usage, 'in_progress') } })),
      typed({
        type: 'response.output_item.added',
        ...{ output_index: 0, item: { type: 'message', id: 'm1', role: 'assistant', content: [] } },
      }),
      typed({
        type: 'response.output_text.delta',
        ...{ output_index: 0, content_index: 0, item_id: 'm1', delta: 'Hi' },
      }),
      typed({ type: 'response.completed', ...{ response: responseOf(usages.at(-1)) } }),
    ],
  },
  {
    dialect: 'anthropic-messages',
    usage: {
      input_tokens: 50,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 20,
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 15 },
    },
    without: AUDIO,
    unary: (usage) => ({
      id: 'a',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage,
    }),
    // The first event counts the prompt, the last one everything; early: the first one everything, too.
    stream: (usages, early) => [
      typed({
        type: 'message_start',
        ...{
          message: {
            id: 'a',
            model: 'm',
            content: [],
            usage: early ? usages[0] : { input_tokens: 50, output_tokens: 1 },
          },
        },
      }),
      typed({ type: 'content_block_start', ...{ index: 0, content_block: { type: 'text', text: '' } } }),
      typed({ type: 'content_block_delta', ...{ index: 0, delta: { type: 'text_delta', text: 'Hi' } } }),
      typed({ type: 'content_block_stop', ...{ index: 0 } }),
      ...usages.map((usage) => typed({ type: 'message_delta', ...{ delta: { stop_reason: 'end_turn' }, usage } })),
      typed({ type: 'message_stop' }),
    ],
  },
  {
    dialect: 'gemini',
    usage: {
      promptTokenCount: 100,
      cachedContentTokenCount: 30,
      candidatesTokenCount: 35,
      thoughtsTokenCount: 15,
      totalTokenCount: 150,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 95 },
        { modality: 'AUDIO', tokenCount: 5 },
      ],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 7 }],
    },
    without: ['cacheWriteTokens'],
    unary: (usageMetadata) => ({
      candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
      usageMetadata,
    }),
    stream: (usages, early) =>
      around(
        usages.map((usageMetadata) => data({ usageMetadata })),
        early,
        [
          data({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'H' }] } }] }),
          data({
            candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'i' }] }, finishReason: 'STOP' }],
          }),
        ],
      ),
  },
  {
    dialect: 'bedrock-converse',
    usage: { inputTokens: 50, outputTokens: 50, totalTokens: 150, cacheReadInputTokens: 30, cacheWriteInputTokens: 20 },
    without: [...AUDIO, 'reasoningTokens'],
    unary: (usage) => ({
      output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } },
      stopReason: 'end_turn',
      usage,
    }),
    stream: (usages, early) =>
      around(
        usages.map((usage) => named('metadata', { usage })),
        early,
        [
          named('messageStart', { role: 'assistant' }),
          named('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hi' } }),
          named('contentBlockStop', { contentBlockIndex: 0 }),
          named('messageStop', { stopReason: 'end_turn' }),
        ],
      ),
  },
  {
    dialect: 'cohere',
    usage: {
      tokens: { input_tokens: 100, output_tokens: 50 },
      billed_units: { input_tokens: 7, output_tokens: 8 },
      cached_tokens: 30,
    },
    without: [...AUDIO, 'reasoningTokens', 'cacheWriteTokens'],
    unary: (usage) => ({
      id: 'c',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
      finish_reason: 'COMPLETE',
      usage,
    }),
    stream: (usages) => [
      typed({ type: 'message-start', ...{ id: 'c', delta: { message: { role: 'assistant' } } } }),
      typed({ type: 'content-start', ...{ index: 0, delta: { message: { content: { type: 'text', text: '' } } } } }),
      typed({ type: 'content-delta', ...{ index: 0, delta: { message: { content: { text: 'Hi' } } } } }),
      typed({ type: 'content-end', ...{ index: 0 } }),
      ...usages.map((usage) => typed({ type: 'message-end', ...{ delta: { finish_reason: 'COMPLETE', usage } } })),
    ],
  },
];

function expected({ without }: Row): Counts {
  return Object.fromEntries(Object.entries(ALL).filter(([name]) => !without.includes(name as keyof Counts)));
}

function streamed(row: Row, usages: readonly object[], early: boolean): Counts {
  const last = eventsOfFrames(row.dialect, row.stream(usages, early)).at(-1);
  return countsOf(last?.case === 'finish' ? last.value.usage : undefined);
}

describe.each(ROWS)('the bill of $dialect', (row) => {
  it('has each count in its own field, whoever sent it', () => {
    const answer = providerOf(row.dialect).decodeResponse(JSON.stringify(row.unary(row.usage)), {});
    expect(countsOf(answer.response.usage)).toEqual(expected(row));
  });

  it.each([
    ['told once', 1, false],
    ['told before the words', 1, true],
    ['told twice', 2, false],
    ['told twice before the words', 2, true],
    ['told five times', 5, false],
  ] as const)('is the same in a stream, %s', (_, times, early) => {
    const usages = Array.from({ length: times }, () => row.usage);
    expect(streamed(row, usages, early)).toEqual(expected(row));
  });

  it('stays unknown where the provider says nothing', () => {
    const answer = providerOf(row.dialect).decodeResponse(JSON.stringify(row.unary({})), {});
    expect(countsOf(answer.response.usage)).toEqual({});
  });

  it('survives what is no count', () => {
    const wrong = JSON.parse(JSON.stringify(row.usage, (_, value) => (typeof value === 'number' ? -1.5 : value)));
    const answer = providerOf(row.dialect).decodeResponse(JSON.stringify(row.unary(wrong)), {});
    expect(countsOf(answer.response.usage)).toEqual({});
  });

  it('keeps what was told when a later event tells nothing', () => {
    const answer = providerOf(row.dialect).decodeResponse(JSON.stringify(row.unary(row.usage)), {});
    expect(streamed(row, [row.usage, {}], false)).toEqual(countsOf(answer.response.usage));
  });
});
