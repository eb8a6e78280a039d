import { describe, expect, it } from 'vitest';
import type { ChatResponse } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Frame } from '../../../server/dialects/dialect.ts';
import { decodeAwsEventStream } from '../../../server/upstream/aws-event-stream.ts';
import { encodeAwsEventFrame } from '../../../server/upstream/aws-event-stream-encoder.ts';
import { collectEvents } from '../support/collect-events.ts';
import { attemptError } from '../support/drive.ts';
import {
  answers,
  decodeAll,
  door,
  encodeAll,
  eventsOf,
  FIXTURES_NOTE,
  finishWord,
  hasFixtures,
  provider,
  streams,
} from './drive.ts';

/** What an answer says, a line for each part. */
function read({ choices, usage }: ChatResponse) {
  const [choice] = choices;
  return {
    parts: choice?.parts.map(({ kind, signature }) => {
      if (kind.case === 'toolCall') return `call ${kind.value.id} ${kind.value.name} ${kind.value.input.value}`;
      if (kind.case === 'text' || kind.case === 'reasoning') {
        return `${kind.case}${signature === '' ? '' : ' signed'} ${kind.value.text}`;
      }
      return kind.case;
    }),
    finish: finishWord(choice?.finishReason),
    raw: choice?.rawFinishReason,
    tokens: [usage?.inputTokens, usage?.outputTokens],
  };
}

const ANSWERS: Readonly<Record<string, ReturnType<typeof read>>> = {
  'json-with-tool': {
    parts: [
      'text Let me call a tool first.',
      'call tool-1 get-weather {"location":"SF"}',
      'text Now the JSON.',
      'text {"result":"data"}',
    ],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [22, 48],
  },
  'json-with-tools': {
    parts: [
      'text Calling multiple tools.',
      'call tool-1 tool-a {"param":"a"}',
      'call tool-2 tool-b {"param":"b"}',
      'text Finally the JSON response.',
      'text {"final":"result"}',
    ],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [28, 62],
  },
  reasoning: {
    parts: [
      'reasoning signed Let me count the r\'s in "strawberry":\n\ns-t-r-a-w-b-e-r-r-y\n\nThere are 3 r\'s.',
      'text There are **3** r\'s in "strawberry":\n\n1. st**r**awbe**r****r**y',
    ],
    finish: 'STOP',
    raw: 'end_turn',
    tokens: [51, 78],
  },
  'tool-no-args': {
    parts: ["text I'll update the issue list for you.", 'call tool-use-id updateIssueList {}'],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [100, 25],
  },
};

const STREAMS: Readonly<Record<string, ReturnType<typeof read>>> = {
  'json-tool-text-then-weather-then-json': {
    parts: [
      'text 2 + 2 equals 4. Now let me check the weather for you.',
      'call weather-tool-1 weather {"location":"San Francisco"}',
      'call weather-tool-2 weather {"location":"London"}',
    ],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [500, 100],
  },
  'json-with-tool': {
    parts: [
      'text Calling a tool first.',
      'call tool-1 get-weather {"location":"SF"}',
      'text Now JSON.',
      'text {"result":"data"}',
    ],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [undefined, undefined],
  },
  'json-with-tools': {
    parts: [
      'text Multiple tools.',
      'call tool-1 tool-a {"a":"1"}',
      'call tool-2 tool-b {"b":"2"}',
      'text Final JSON.',
      'text {"final":"result"}',
    ],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [undefined, undefined],
  },
  reasoning: {
    parts: [
      'reasoning signed Let me count the r\'s in "strawberry":\n\ns-t-r-a-w-b-e-r-r-y\n\nr appears at positions 3, 8, and 9.\n\nSo there are 3 r\'s.',
      'text There are **3** r\'s in "strawberry":\n\n1. st**r**awbe**r****r**y',
    ],
    finish: 'STOP',
    raw: 'end_turn',
    tokens: [51, 94],
  },
  'tool-no-args': {
    parts: ["text I'll update the issue list for you.", 'call tool-use-id updateIssueList {}'],
    finish: 'TOOL_CALLS',
    raw: 'tool_use',
    tokens: [100, 25],
  },
};

describe.skipIf(!hasFixtures)(`recorded answers${FIXTURES_NOTE}`, () => {
  it('are all judged', () => {
    expect(answers.map(({ name }) => name).sort()).toEqual(Object.keys(ANSWERS).sort());
    expect(streams.map(({ name }) => name).sort()).toEqual(Object.keys(STREAMS).sort());
  });

  it.each(answers)('$name says what it said, and goes out as its own text', ({ name, text }) => {
    const answer = provider.decodeResponse(text, {});
    expect(read(answer.response)).toEqual(ANSWERS[name]);
    expect(door.encodeResponse(answer)).toBe(text);
  });

  it.each(answers)('$name keeps its meaning when it is rebuilt from the canonical form', ({ text }) => {
    const { response } = provider.decodeResponse(text, {});
    const rebuilt = provider.decodeResponse(door.encodeResponse({ response }), {});
    expect(read(rebuilt.response)).toEqual(read(response));
  });

  it('keep what only this provider says', () => {
    const { text = '' } = answers.find(({ name }) => name === 'reasoning') ?? {};
    const extras = provider.decodeResponse(text, {}).response.providerExtrasJson;
    expect(extras).toEqual({ 'bedrock-converse': '{"metrics":{"latencyMs":2202}}' });
  });
});

async function* bodyOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function framed(pieces: readonly Uint8Array[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of decodeAwsEventStream(bodyOf(pieces))) frames.push(...batch);
  return frames;
}

describe.skipIf(!hasFixtures)(`recorded streams${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says what it said, in well-ordered events', ({ name, frames }) => {
    expect(read(collectEvents(eventsOf(decodeAll(frames))))).toEqual(STREAMS[name]);
  });

  it.each(streams)('$name is relayed byte for byte', ({ frames }) => {
    expect(encodeAll(decodeAll(frames))).toEqual(frames);
  });

  it.each(streams)('$name keeps its meaning when it is rebuilt from events alone', ({ name, frames }) => {
    const sent = encodeAll(eventsOf(decodeAll(frames)).map((event) => ({ events: [event] })));
    expect(read(collectEvents(eventsOf(decodeAll(sent))))).toEqual(STREAMS[name]);
  });

  it.each(streams)('$name reads the same wherever its bytes are cut', async ({ frames }) => {
    const bytes = Buffer.concat(frames.map(encodeAwsEventFrame));
    const wanted = JSON.stringify(frames);
    for (let at = 0; at <= bytes.length; at += 1) {
      const got = await framed([bytes.subarray(0, at), bytes.subarray(at)]);
      if (JSON.stringify(got) !== wanted) expect(got, `cut at ${at}`).toEqual(frames);
    }
  });

  it.each(streams)('$name cut before messageStop is INTERRUPTED and never finishes', ({ frames }) => {
    const marker = frames.findIndex(({ event }) => event === 'messageStop');
    for (let kept = 0; kept <= marker; kept += 1) {
      const decoder = provider.createStreamDecoder({});
      const events = frames.slice(0, kept).flatMap((frame) => [...decoder.push(frame).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });
});
