import { describe, expect, it } from 'vitest';
import type { WireQuirks } from '../../server/core/wire-quirks.ts';
import { door, provider } from './support/codecs.ts';
import { collectEvents } from './support/collect-events.ts';
import { DONE, decodeAll, delta, encodeAll, eventsOf } from './support/drive.ts';

const whole = (message: object, extra: object = {}, quirks: WireQuirks = {}) =>
  provider.decodeResponse(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }], ...extra }), quirks).response;
const streamed = (chunks: readonly string[], quirks: WireQuirks = {}) =>
  collectEvents(eventsOf(decodeAll([...chunks, DONE], quirks)));
const rebuilt = (chunks: readonly string[]) =>
  encodeAll(
    eventsOf(decodeAll([...chunks, DONE])).map((event) => ({ events: [event] })),
    true,
  );

describe('pages that an answer rests on', () => {
  const found = { search_results: [{ url: 'https://a', title: 'A', snippet: 's' }], citations: ['https://a'] };
  const cited = { kind: { case: 'urlCitation', value: { url: 'https://a', title: 'A', citedText: 's' } } };

  it('are citations of its text, and stay what they were beside it (Perplexity)', () => {
    const response = whole({ content: 'x[1]' }, found);
    expect(response.choices[0]?.parts).toMatchObject([{ kind: { value: { text: 'x[1]', annotations: [cited] } } }]);
    expect(JSON.parse(response.providerExtrasJson['openai-chat'] ?? '')).toEqual(found);
  });

  it('as addresses alone (xAI, older answers of Perplexity)', () => {
    const response = whole({ content: 'x' }, { citations: ['https://b', 5, {}] });
    expect(response.choices[0]?.parts[0]?.kind.value).toMatchObject({
      annotations: [{ kind: { value: { url: 'https://b' } } }],
    });
  });

  it('are told once in a stream that repeats them with each chunk', () => {
    const chunks = [
      delta({ content: 'x' }, null, found),
      delta({ content: 'y' }, null, found),
      delta({}, 'stop', found),
    ];
    const response = streamed(chunks);
    expect(response.choices[0]?.parts).toMatchObject([{ kind: { value: { text: 'xy', annotations: [cited] } } }]);
    expect(JSON.parse(response.providerExtrasJson['openai-chat'] ?? '')).toEqual(found);
    expect(encodeAll(decodeAll([...chunks, DONE]), true)).toEqual([...chunks, DONE]);
    expect(streamed(rebuilt(chunks).slice(0, -1)).choices[0]?.parts).toMatchObject([
      { kind: { value: { annotations: [{ kind: { value: { url: 'https://a' } } }] } } },
    ]);
  });

  it('give way to the citations that the text has itself', () => {
    const annotations = [
      { type: 'url_citation', url_citation: { url: 'https://own', title: '', start_index: 0, end_index: 1 } },
    ];
    const own = [{ kind: { value: { url: 'https://own' } }, startIndex: 0, endIndex: 1 }];
    expect(whole({ content: 'x', annotations }, found).choices[0]?.parts[0]?.kind.value).toMatchObject({
      annotations: own,
    });
    const parts = streamed([delta({ content: 'x' }), delta({ annotations }, 'stop', found)]).choices[0]?.parts;
    expect(parts?.[0]?.kind.value).toMatchObject({ annotations: own });
    expect(parts).toHaveLength(1);
  });
});

describe("Mistral's lists of content", () => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'r' }] },
    { type: 'text', text: 'a' },
    { type: 'reference', reference_ids: [1] },
    { type: 'text', text: 'b' },
  ];
  it('keep their order, whole and streamed, and come out again', () => {
    const kinds = ['reasoning', 'text', 'raw', 'text'];
    const response = whole({ content });
    expect(response.choices[0]?.parts.map(({ kind }) => kind.case)).toEqual(kinds);
    const chunks = [...content.map((entry) => delta({ content: [entry] })), delta({}, 'stop')];
    expect(streamed(chunks).choices[0]?.parts).toEqual(response.choices[0]?.parts);
    expect(JSON.parse(door.encodeResponse({ response })).choices[0].message).toMatchObject({
      reasoning_content: 'r',
      content: content.slice(1),
    });
    expect(streamed(rebuilt(chunks).slice(0, -1)).choices[0]?.parts).toEqual(response.choices[0]?.parts);
  });
});

describe('pictures and sound of answers', () => {
  const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AQI=' } }];
  it('pictures beside the content (OpenRouter) are parts, whole and streamed', () => {
    const response = whole({ content: 'a', images });
    expect(response.choices[0]?.parts[1]).toMatchObject({
      kind: {
        case: 'image',
        value: { source: { location: { value: new Uint8Array([1, 2]) }, mediaType: 'image/png' } },
      },
    });
    expect(streamed([delta({ content: 'a' }), delta({ images }, 'stop')]).choices).toMatchObject([
      { parts: response.choices[0]?.parts },
    ]);
  });

  it('streamed sound adds up to what the whole answer has', () => {
    const audio = { id: 'audio_1', data: 'AQIDBA==', transcript: 'hey', expires_at: 7 };
    const part = whole({ content: null, audio }).choices[0]?.parts[0];
    expect(part?.kind.value).toMatchObject({ id: 'audio_1', transcript: 'hey', expireTimeSeconds: 7n });
    const chunks = [
      delta({ audio: { id: 'audio_1', transcript: 'h' } }),
      delta({ audio: { transcript: 'ey' } }),
      delta({ audio: { data: 'AQI=' } }),
      delta({ audio: { data: 'AwQ=' } }),
      delta({ audio: { expires_at: 7 } }),
      delta({}, 'stop'),
    ];
    const sound = { id: 'audio_1', transcript: 'hey', source: { location: { value: new Uint8Array([1, 2, 3, 4]) } } };
    expect(streamed(chunks).choices[0]?.parts).toMatchObject([{ kind: { case: 'audio', value: sound } }]);
    expect(streamed(rebuilt(chunks).slice(0, -1)).choices[0]?.parts).toMatchObject([{ kind: { value: sound } }]);
  });

  it('sound of an earlier answer goes back by its id', () => {
    const messages = [
      { role: 'assistant', audio: { id: 'audio_1' } },
      { role: 'user', content: 'a' },
    ];
    const { generation } = door.decodeRequest({ model: 'm', messages });
    const { body } = provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks: {}, stream: false });
    expect(body.messages).toMatchObject([{ content: null, audio: { id: 'audio_1' } }, { content: 'a' }]);
  });
});

describe('usage in the words of each provider', () => {
  const of = (usage: unknown, quirks: WireQuirks = {}) => whole({ content: 'a' }, { usage }, quirks).usage;
  it.each([
    [
      'DeepSeek',
      { prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 },
      4,
    ],
    ['Moonshot', { prompt_tokens: 9, completion_tokens: 1, cached_tokens: 4 }, 4],
    ['OpenAI', { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 4 } }, 4],
    [
      'Perplexity',
      { prompt_tokens: 9, completion_tokens: 1, search_context_size: 'low', cost: { total_cost: 0.1 } },
      undefined,
    ],
  ])('%s', (_, usage, cacheReadTokens) => {
    const counts = of(usage);
    expect(counts).toMatchObject({ inputTokens: 9, outputTokens: 1 });
    expect(counts?.cacheReadTokens).toBe(cacheReadTokens);
  });

  it('what is written to the cache (Alibaba)', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cache_creation_input_tokens: 3 } };
    expect(of(usage)?.cacheWriteTokens).toBe(3);
  });

  it('texts, fractions and negative counts are unknown, not zero', () => {
    expect(of({ prompt_tokens: '9', completion_tokens: 1.5, total_tokens: -1 })).toBeUndefined();
    expect(of(null)).toBeUndefined();
    expect(of([])).toBeUndefined();
    expect(of({ prompt_tokens: 9, completion_tokens: '1' })?.outputTokens).toBeUndefined();
  });

  it('in every chunk it is the last that counts, and null takes nothing back', () => {
    const at = (completion_tokens: number) => ({ usage: { prompt_tokens: 9, completion_tokens } });
    const chunks = [
      delta({ content: 'a' }, null, at(1)),
      delta({ content: 'b' }, null, at(2)),
      delta({}, 'stop', { usage: null }),
    ];
    expect(streamed(chunks).usage).toMatchObject({ inputTokens: 9, outputTokens: 2 });
  });
});
