import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ChatResponseSchema, FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import type { ChatEvent } from '../../../server/dialects/dialect.ts';
import { openAiChatProvider } from '../../../server/dialects/openai-chat/index.ts';
import {
  openAiCompletionsDoor as door,
  openAiCompletionsProvider as provider,
} from '../../../server/dialects/openai-completions/index.ts';
import { SluiceError } from '../../../server/errors/sluice-error.ts';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import { attemptError, DONE, frame, refusal } from '../support/drive.ts';
import { assertOrder } from '../support/plain-reading.ts';

const ROOT = new URL('../../../../shared/fixtures/', import.meta.url);
const hasFixtures = existsSync(ROOT);
const NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';
const fixture = (name: string): string => (hasFixtures ? readFileSync(new URL(name, ROOT), 'utf8') : '{}');
const chunks = fixture('recorded/openai-completion/openai-completion-text.chunks.txt').split('\n').filter(Boolean);
const whole = fixture('recorded/openai-completion/openai-completion-text.json');
const cassettes = (hasFixtures ? readdirSync(new URL('cassettes/', ROOT)) : [])
  .filter((file) => file.startsWith('completion-'))
  .flatMap((file) =>
    parse(fixture(`cassettes/${file}`)).interactions.map(
      (one: { request: { body: string }; response: { body: string } }) => ({
        name: file,
        request: JSON.parse(one.request.body) as JsonObject,
        response: one.response.body,
      }),
    ),
  );

const target = { provider: 'p', model: 'm', quirks: {}, stream: false };
const body = (more: object): JsonObject => ({ model: 'm', prompt: 'Once', ...more });

function decodeAll(data: readonly string[]): ChatEvent[] {
  const decoder = provider.createStreamDecoder({});
  const events = data.flatMap((text) => [...decoder.push(frame(text)).events]);
  return [...events, ...decoder.end().events];
}
const textOf = (events: readonly ChatEvent[], choice = 0): string =>
  events
    .map((event) =>
      event.case === 'partDelta' && event.value.choice === choice ? String(event.value.delta.value) : '',
    )
    .join('');

function encodeAll(data: readonly string[], includeUsage: boolean): string[] {
  const decoder = provider.createStreamDecoder({});
  const encoder = door.createStreamEncoder({ includeUsage });
  const steps = [...data.map((text) => decoder.push(frame(text))), decoder.end()];
  return steps.flatMap((step) => encoder.encode(step)).map(({ data: text }) => text);
}

describe.skipIf(!hasFixtures)(`recorded completions${NOTE}`, () => {
  it('says its words, its end and its usage, and goes out as its own text', () => {
    const answer = provider.decodeResponse(whole, {});
    const json = JSON.parse(whole);
    expect(answer.response.choices[0]).toMatchObject({
      parts: [{ kind: { value: { text: json.choices[0].text } } }],
      finishReason: FinishReason.LENGTH,
    });
    expect(answer.response.usage).toMatchObject({ inputTokens: 14, outputTokens: 16 });
    expect(door.encodeResponse(answer)).toBe(whole);
    expect(JSON.parse(door.encodeResponse({ response: answer.response }))).toEqual(json);
  });

  it('streams the same, in well-ordered events', () => {
    const events = decodeAll([...chunks, DONE]);
    assertOrder(events);
    expect(textOf(events)).toBe('The holiday is called "Gratitude Day" and it is a day dedicated to');
    expect(events.at(-1)).toMatchObject({
      value: {
        choices: [{ reason: FinishReason.LENGTH, rawReason: 'length' }],
        usage: { inputTokens: 14, outputTokens: 16 },
      },
    });
  });

  it('is relayed byte for byte where usage is wanted, and without it where not', () => {
    expect(encodeAll([...chunks, DONE], true)).toEqual([...chunks, DONE]);
    const plain = encodeAll([...chunks, DONE], false);
    expect(plain.at(-1)).toBe(DONE);
    expect(plain).toHaveLength(chunks.length);
    expect(plain.some((text) => text.includes('"usage"'))).toBe(false);
  });

  it('is rebuilt from events alone', () => {
    const encoder = door.createStreamEncoder({ includeUsage: true });
    const rebuilt = decodeAll([...chunks, DONE]).flatMap((event) => encoder.encode({ events: [event] }));
    const again = decodeAll(rebuilt.map(({ data }) => data));
    expect(textOf(again)).toBe(textOf(decodeAll([...chunks, DONE])));
    expect(again.at(-1)?.value).toEqual(decodeAll([...chunks, DONE]).at(-1)?.value);
  });

  it('reads the same at every split of its bytes', async () => {
    const bytes = Buffer.from([...chunks, DONE].map((text) => `data: ${text}\n\n`).join(''));
    for (const size of [1, 2, 3, 11, 500]) {
      const data: string[] = [];
      for await (const batch of decodeSse(pieces(bytes, size))) data.push(...batch.map((each) => each.data));
      expect(decodeAll(data)).toEqual(decodeAll([...chunks, DONE]));
    }
  });

  it('cut after any chunk is INTERRUPTED and never finishes', () => {
    for (let kept = 0; kept <= chunks.length; kept += 1) {
      const decoder = provider.createStreamDecoder({});
      const events = chunks.slice(0, kept).flatMap((text) => [...decoder.push(frame(text)).events]);
      expect(events.some((event) => event.case === 'finish')).toBe(false);
      expect(attemptError(() => decoder.end()).failure).toBe('INTERRUPTED');
    }
  });

  it.each(cassettes)('$name goes on unchanged and comes back as its own text', ({ request, response }) => {
    const { generation, wire } = door.decodeRequest(request);
    const sent = provider.encodeRequest(generation, { ...target, model: String(request['model']), wire });
    expect(sent).toMatchObject({ path: '/completions', warnings: [] });
    expect(sent.body).toEqual(request);
    const answer = provider.decodeResponse(response, {});
    const json = JSON.parse(response);
    expect(answer.response.choices.map(({ parts }) => parts[0]?.kind.value)).toMatchObject(
      json.choices.map(({ text }: { text: string }) => ({ text })),
    );
    expect(generation.n ?? 1).toBe(json.choices.length);
    expect(door.encodeResponse(answer)).toBe(response);
  });

  it('keeps log probabilities', () => {
    const { response } = provider.decodeResponse(
      cassettes.find(({ name }) => name.includes('suffix'))?.response ?? '',
      {},
    );
    const json = JSON.parse(cassettes.find(({ name }) => name.includes('suffix'))?.response ?? '');
    const rebuilt = JSON.parse(door.encodeResponse({ response })).choices[0].logprobs;
    const { text_offset: offsets, ...wanted } = json.choices[0].logprobs;
    expect(rebuilt).toMatchObject(wanted);
    expect(rebuilt.text_offset).toEqual(offsets.map((offset: number) => offset - offsets[0]));
  });
});

describe('what other formats cannot carry', () => {
  const toChat = (more: object) => {
    const { generation, wire } = door.decodeRequest(body(more));
    return openAiChatProvider.encodeRequest(generation, { ...target, wire });
  };

  it('one prompt is what a user says', () => {
    const sent = toChat({ max_tokens: 5, stop: 'x', logprobs: 2, user: 'u' });
    expect(sent.body).toMatchObject({
      messages: [{ role: 'user', content: 'Once' }],
      max_completion_tokens: 5,
      stop: ['x'],
      logprobs: true,
      top_logprobs: 2,
    });
    expect(sent.warnings).toEqual([]);
    expect(toChat({ prompt: ['Once'] }).body).toMatchObject({ messages: [{ content: 'Once' }] });
  });

  it.each([
    ['several prompts', { prompt: ['a', 'b'] }, 'prompt'],
    ['tokens', { prompt: [1, 2] }, 'prompt'],
    ['lists of tokens', { prompt: [[1], [2]] }, 'prompt'],
    ['a suffix', { suffix: 'end' }, 'suffix'],
  ])('is refused: %s', (_, more, param) => {
    expect(refusal(() => toChat(more))).toMatchObject({ reason: 'UNSUPPORTED_PARAMETER', param });
  });

  it('is named where it is left out', () => {
    expect(toChat({ echo: true, best_of: 3 }).warnings.map(({ field }) => field)).toEqual(['echo', 'best_of']);
    expect(toChat({ echo: false, best_of: 1, suffix: null }).warnings).toEqual([]);
  });

  it('a conversation becomes its script, with a word on it', () => {
    const say = (role: Role, text: string) => ({ role, parts: [{ kind: { case: 'text' as const, value: { text } } }] });
    const messages = [
      say(Role.SYSTEM, 'Be kind.'),
      say(Role.USER, 'Hi'),
      say(Role.ASSISTANT, 'Hello'),
      say(Role.USER, 'Bye'),
    ];
    const tools = [{ kind: { case: 'function' as const, value: { name: 'f' } } }];
    const generation = create(GenerationSchema, { model: 'm', messages, tools, topK: 1, store: true });
    const { body: sent, warnings } = provider.encodeRequest(generation, target);
    expect(sent['prompt']).toBe('System: Be kind.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant:');
    expect(warnings.map(({ field }) => field)).toEqual([
      'generation.tools',
      'generation.top_k',
      'generation.store',
      'generation.messages',
    ]);
  });

  it('goes on from no stored answer', () => {
    const generation = create(GenerationSchema, { model: 'm', previousResponseId: 'r' });
    expect(refusal(() => provider.encodeRequest(generation, target)).param).toBe('previous_response_id');
  });

  it('shows words alone, refusals too', () => {
    const parts = [
      { kind: { case: 'reasoning' as const, value: { text: 'Hm' } } },
      { kind: { case: 'text' as const, value: { text: 'a' } } },
      { kind: { case: 'refusal' as const, value: { text: 'b' } } },
    ];
    const response = create(ChatResponseSchema, { choices: [{ parts, finishReason: FinishReason.TOOL_CALLS }] });
    expect(JSON.parse(door.encodeResponse({ response })).choices).toEqual([
      { text: 'ab', index: 0, logprobs: null, finish_reason: 'stop' },
    ]);
  });
});

describe('requests', () => {
  it.each([
    ['an empty list of prompts', { prompt: [] }, 'prompt'],
    ['a mixed prompt', { prompt: ['a', 1] }, 'prompt'],
    ['negative tokens', { prompt: [-1] }, 'prompt'],
    ['many alternatives', { logprobs: 6 }, 'logprobs'],
    ['a wordy echo', { echo: 'yes' }, 'echo'],
    ['no model', { model: '' }, 'model'],
  ])('are refused with %s, by the path of what is wrong', (_, more, param) => {
    expect(refusal(() => door.decodeRequest(body(more))).param).toBe(param);
  });

  it('survive whatever they hold without a throw other than a refusal', () => {
    const member = fc.constantFrom('prompt', 'stop', 'logit_bias', 'stream_options', 'n', 'metadata');
    fc.assert(
      fc.property(member, fc.jsonValue(), (name, value) => {
        try {
          const { generation, wire } = door.decodeRequest(body({ [name]: value }));
          provider.encodeRequest(generation, { ...target, wire });
          provider.encodeRequest(generation, target);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SluiceError);
        }
      }),
    );
  });

  it('are decoded again as they were encoded, for all that the format can carry', () => {
    const word = fc.string({ minLength: 1, maxLength: 20 });
    const init = fc.record(
      {
        maxOutputTokens: fc.integer({ min: 1, max: 4096 }),
        temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
        topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
        frequencyPenalty: fc.constantFrom(-2, 0.5),
        presencePenalty: fc.constantFrom(-1, 2),
        seed: fc.maxSafeInteger().map(BigInt),
        stop: fc.array(word, { maxLength: 4 }),
        n: fc.integer({ min: 1, max: 128 }),
        logitBias: fc.dictionary(fc.stringMatching(/^[1-9]\d{0,5}$/), fc.integer({ min: -100, max: 100 })),
        endUserId: word,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        init,
        fc.string(),
        fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
        (fields, prompt, top) => {
          const messages = [{ role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: prompt } } }] }];
          const logprobs = top === undefined ? {} : { logprobs: true, topLogprobs: top };
          const wanted = create(GenerationSchema, { ...fields, ...logprobs, model: 'm', messages });
          const sent = provider.encodeRequest(wanted, target);
          const { generation } = door.decodeRequest(JSON.parse(JSON.stringify(sent.body)));
          expect(sent.warnings).toEqual([]);
          if (!equals(GenerationSchema, generation, wanted)) expect(generation).toEqual(wanted);
        },
      ),
    );
  });

  it('ask for usage in every stream', () => {
    const { generation, wire } = door.decodeRequest(body({ stream: true }));
    const sent = provider.encodeRequest(generation, { ...target, wire, stream: true });
    expect(sent.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });
});

describe('failures', () => {
  it('within a stream are what they say', () => {
    const error = attemptError(() =>
      decodeAll([JSON.stringify({ error: { code: 'rate_limit_exceeded', message: 'x' } })]),
    );
    expect(error.failure).toBe('RATE_LIMITED');
    expect(attemptError(() => decodeAll(['{'])).failure).toBe('MALFORMED');
    expect(attemptError(() => decodeAll([DONE])).failure).toBe('EMPTY_RESPONSE');
  });

  it('break a stream off without its marker', () => {
    const encoder = door.createStreamEncoder({ includeUsage: false });
    const frames = encoder.encodeError(new SluiceError('STREAM_INTERRUPTED', 'It broke.'));
    expect(frames.map(({ data }) => JSON.parse(data).error.code)).toEqual(['stream_interrupted']);
  });
});

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
