import { describe, expect, it } from 'vitest';
import type { ChatDialectName, ChatDoorCodec } from '../../server/dialects/dialect.ts';
import { DOORS } from './codecs.ts';
import { type CountName, type Reading, readEvents, readResponse } from './reading.ts';
import { ANSWERS, eventsOfFrames, FIXTURES_NOTE, hasFixtures, providerOf, STREAMS } from './recorded.ts';

/** What a format has no words for in an answer; each with what stands in its place. */
interface Poverty {
  /** It has text alone. */
  readonly textAlone?: true;
  /** Counts that it has no members for. */
  readonly without: readonly CountName[];
  /** Counts that its schema demands: what is unknown is written as 0 there. */
  readonly demanded: readonly CountName[];
  /** Reasons that it has no word for, and its nearest one. */
  readonly finish: Readonly<Record<string, string>>;
}

const AUDIO: readonly CountName[] = ['inputAudioTokens', 'outputAudioTokens'];
const POVERTY: Readonly<Record<ChatDialectName, Poverty>> = {
  'openai-chat': { without: [], demanded: [], finish: { REFUSAL: 'CONTENT_FILTER' } },
  'openai-responses': {
    without: AUDIO,
    demanded: ['cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens'],
    finish: {},
  },
  'openai-completions': {
    textAlone: true,
    without: [],
    demanded: [],
    finish: { REFUSAL: 'CONTENT_FILTER', TOOL_CALLS: 'STOP' },
  },
  'anthropic-messages': { without: AUDIO, demanded: ['inputTokens', 'outputTokens'], finish: {} },
  gemini: { without: ['cacheWriteTokens'], demanded: [], finish: { REFUSAL: 'CONTENT_FILTER' } },
  'bedrock-converse': { without: [...AUDIO, 'reasoningTokens'], demanded: [], finish: {} },
  cohere: {
    without: [...AUDIO, 'reasoningTokens', 'cacheWriteTokens'],
    demanded: [],
    finish: { REFUSAL: 'STOP' },
  },
};

/** What is left of a reading in a format, where nothing is lost but what it has no words for. */
function through({ text, thoughts, calls, finish, usage }: Reading, format: ChatDialectName): Reading {
  const { textAlone, without, demanded, finish: words } = POVERTY[format];
  const kept = Object.entries(usage).filter(([name]) => !without.includes(name as CountName));
  return {
    text,
    thoughts: textAlone ? '' : thoughts,
    calls: textAlone ? [] : calls,
    finish: words[finish] ?? finish,
    usage: { ...Object.fromEntries(demanded.map((name) => [name, 0])), ...Object.fromEntries(kept) },
  };
}

/** The same with what a schema demands filled in, since not every frame and body is made to have it. */
function filled(reading: Reading, format: ChatDialectName): Reading {
  const demanded = Object.fromEntries(POVERTY[format].demanded.map((name) => [name, 0]));
  return { ...reading, usage: { ...demanded, ...reading.usage } };
}

/** Calls of a tool that has the name by which an answer in JSON is told on Bedrock: its provider's codec takes them for one. */
const isJsonTool = ({ calls }: Reading): boolean => calls.some(([name]) => name === 'json');
/** Answers in which nothing is said: a provider that sent such a one has failed. */
const isSilent = ({ text, thoughts, calls }: Reading): boolean => `${text}${thoughts}` === '' && calls.length === 0;
/** Calls in pieces end in Google's own word, as its SDKs have it; other formats say that tools are called. */
const isInPieces = ({ calls, finish }: Reading): boolean => calls.length > 0 && finish === 'STOP';

const skipped = (reading: Reading, format: ChatDialectName): boolean =>
  isSilent(reading) || isInPieces(reading) || (format === 'bedrock-converse' && isJsonTool(reading));

function relayed(codec: ChatDoorCodec, dialect: ChatDialectName, events: (typeof STREAMS)[number]['events']): Reading {
  const encoder = codec.createStreamEncoder({ includeUsage: true });
  const frames = events.flatMap((event) => encoder.encode({ events: [event] }));
  return readEvents(eventsOfFrames(dialect, frames));
}

describe.skipIf(!hasFixtures).each(DOORS)(`answers in the format $dialect${FIXTURES_NOTE}`, ({ dialect, codec }) => {
  it.each(ANSWERS)('say what was recorded of $name', ({ response }) => {
    const wanted = readResponse(response);
    const body = codec.encodeResponse({ response });
    if (skipped(wanted, dialect)) return;
    const got = readResponse(providerOf(dialect).decodeResponse(body, {}).response);
    expect(filled(got, dialect)).toEqual(through(wanted, dialect));
  });

  it.each(STREAMS)('say as a stream what was recorded of $name', ({ events }) => {
    const wanted = readEvents(events);
    if (skipped(wanted, dialect)) return;
    expect(filled(relayed(codec, dialect, events), dialect)).toEqual(through(wanted, dialect));
  });
});
