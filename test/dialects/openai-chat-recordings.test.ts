import { describe, expect, it } from 'vitest';
import { door, provider } from './support/codecs.ts';
import { attemptError, DONE, decodeAll, encodeAll, eventsOf, frame } from './support/drive.ts';
import { readChunks, readEvents, readJson, readResponse } from './support/plain-reading.ts';
import { answers, cassettes, FIXTURES_NOTE, hasFixtures, streams } from './support/recordings.ts';

describe.skipIf(!hasFixtures)(`recorded answers${FIXTURES_NOTE}`, () => {
  it('there are recordings to judge by', () => {
    expect(answers.length).toBeGreaterThan(10);
    expect(streams.length).toBeGreaterThan(10);
  });

  it.each(answers)('$name says what a plain reading says, and goes out as its own text', ({ text }) => {
    const answer = provider.decodeResponse(text, {});
    expect(readResponse(answer.response)).toEqual(readJson(JSON.parse(text)));
    expect(door.encodeResponse(answer)).toBe(text);
  });

  it.each(answers)('$name keeps its meaning when it is rebuilt from the canonical form', ({ text }) => {
    const { response } = provider.decodeResponse(text, {});
    const rebuilt = provider.decodeResponse(door.encodeResponse({ response }), {});
    expect(readResponse(rebuilt.response)).toEqual(readResponse(response));
  });
});

describe.skipIf(!hasFixtures)(`recorded streams${FIXTURES_NOTE}`, () => {
  it.each(streams)('$name says what a plain reading says, in well-ordered events', ({ chunks }) => {
    const reading = readEvents(eventsOf(decodeAll([...chunks, DONE])));
    expect(reading).toEqual(readChunks(chunks.map((text) => JSON.parse(text))));
  });

  it.each(streams)('$name is relayed byte for byte where usage is wanted', ({ chunks }) => {
    const sent = encodeAll(decodeAll([...chunks, DONE]), true);
    expect(sent.slice(0, chunks.length)).toEqual(chunks);
    expect(sent.at(-1)).toBe(DONE);
  });

  it.each(streams)('$name is relayed without usage, and otherwise whole, where none is wanted', ({ chunks }) => {
    const sent = encodeAll(decodeAll([...chunks, DONE]), false)
      .slice(0, -1)
      .map((text) => JSON.parse(text));
    const wanted = chunks
      .map((text) => JSON.parse(text))
      .filter(({ choices, usage }) => choices.length > 0 || !usage)
      .map(({ usage: _, ...others }) => others);
    expect(sent).toEqual(wanted);
  });

  it.each(streams)('$name keeps its meaning when it is rebuilt from events alone', ({ chunks }) => {
    const events = eventsOf(decodeAll([...chunks, DONE]));
    const sent = encodeAll(
      events.map((event) => ({ events: [event] })),
      true,
    );
    expect(readEvents(eventsOf(decodeAll(sent)))).toEqual(readEvents(events));
  });

  it.each(streams)('$name cut after any chunk is INTERRUPTED and never finishes', ({ chunks }) => {
    for (let kept = 0; kept <= chunks.length; kept += Math.max(1, Math.floor(chunks.length / 40))) {
      const decoder = provider.createStreamDecoder({});
      const events = chunks.slice(0, kept).flatMap((data) => [...decoder.push(frame(data)).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });
});

describe.skipIf(!hasFixtures)(`recorded exchanges of OpenAI${FIXTURES_NOTE}`, () => {
  const chats = cassettes.filter(({ name }) => name.startsWith('chat-'));

  it.each(chats.filter(({ status }) => status === 200))(
    '$name: the request is understood and goes on unchanged',
    ({ request }) => {
      const json = JSON.parse(request);
      const { generation, wire, stream } = door.decodeRequest(json);
      const sent = provider.encodeRequest(generation, {
        provider: 'openai',
        model: json.model,
        quirks: {},
        wire,
        stream,
      });
      expect(sent.warnings).toEqual([]);
      expect(sent.body).toEqual(stream ? { ...json, stream_options: { include_usage: true } } : json);
    },
  );

  it.each(chats.filter(({ response, status }) => status === 200 && !response.startsWith('data:')))(
    '$name: the answer says what a plain reading says',
    ({ response }) => {
      const answer = provider.decodeResponse(response, {});
      expect(readResponse(answer.response)).toEqual(readJson(JSON.parse(response)));
      expect(door.encodeResponse(answer)).toBe(response);
    },
  );

  it.each(chats.filter(({ response }) => response.startsWith('data:')))(
    '$name: the stream is whole',
    ({ response }) => {
      const data = response
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6));
      const chunks = data.filter((text) => text !== DONE).map((text) => JSON.parse(text));
      expect(readEvents(eventsOf(decodeAll(data)))).toEqual(readChunks(chunks));
    },
  );

  it.each(chats.filter(({ status }) => status >= 400))('$name: the refusal keeps its words', ({ response, status }) => {
    const error = provider.decodeError({ status, headers: {}, text: response, receivedAtMs: 0 });
    expect(error.failure).toBe('INVALID_REQUEST');
    expect(error.providerMessage).toBe(JSON.parse(response).error.message);
    expect(error.param).toBe('messages');
  });
});
