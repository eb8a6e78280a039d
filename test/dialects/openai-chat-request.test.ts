import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { CacheTtl, Role } from '../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { type Generation, GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import type { JsonObject } from '../../server/core/json.ts';
import type { WireQuirks } from '../../server/core/wire-quirks.ts';
import { door, provider } from './support/codecs.ts';
import { refusal } from './support/drive.ts';

const ASK = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const user = (part: JsonObject): JsonObject => ({ model: 'm', messages: [{ role: 'user', content: [part] }] });
const encode = (generation: Generation, quirks: WireQuirks = {}, stream = false) =>
  provider.encodeRequest(generation, { provider: 'p', model: 'm', quirks, stream });
const relay = (json: object, quirks: WireQuirks = {}, stream = false) => {
  const { generation, wire } = door.decodeRequest(json as never);
  return provider.encodeRequest(generation, { provider: 'p', model: 'target', quirks, stream, wire });
};

describe('a wrong shape is refused with the member that is wrong', () => {
  it.each([
    [{}, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: [] }, 'messages'],
    [{ model: 'm', messages: ['hi'] }, 'messages[0]'],
    [{ model: 'm', messages: [{ role: 'bogus', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'constructor', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [
      { model: 'm', messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'x' }] }] },
      'messages[0].tool_calls[0].type',
    ],
    [user({ type: 'text' }), 'messages[0].content[0].text'],
    [
      user({ type: 'image_url', image_url: { url: 'data:image/png;base64,!' } }),
      'messages[0].content[0].image_url.url',
    ],
    [
      user({ type: 'input_audio', input_audio: { data: '!', format: 'wav' } }),
      'messages[0].content[0].input_audio.data',
    ],
    [{ ...ASK, temperature: '1' }, 'temperature'],
    [{ ...ASK, top_p: [] }, 'top_p'],
    [{ ...ASK, seed: 1.5 }, 'seed'],
    [{ ...ASK, n: 129 }, 'n'],
    [{ ...ASK, max_tokens: 2 ** 32 }, 'max_tokens'],
    [{ ...ASK, logit_bias: 'x' }, 'logit_bias'],
    [{ ...ASK, web_search_options: true }, 'web_search_options'],
    [{ ...ASK, n: 0 }, 'n'],
    [{ ...ASK, n: 1.5 }, 'n'],
    [{ ...ASK, stop: 5 }, 'stop'],
    [{ ...ASK, stop: [5] }, 'stop[0]'],
    [{ ...ASK, stream: 'yes' }, 'stream'],
    [{ ...ASK, stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    [{ ...ASK, tools: {} }, 'tools'],
    [{ ...ASK, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [{ ...ASK, tool_choice: { type: 'function', function: {} } }, 'tool_choice.function.name'],
    [{ ...ASK, metadata: { a: 1 } }, 'metadata.a'],
  ])('%j', (body, param) => {
    const error = refusal(() => door.decodeRequest(body as never));
    expect(error.reason).toBe('INVALID_REQUEST');
    expect(error.param).toBe(param);
  });
});

describe('what is read', () => {
  it('null is as absent, max_completion_tokens wins, unknown words and members pass', () => {
    const { generation } = door.decodeRequest({
      ...ASK,
      temperature: null,
      tools: null,
      max_tokens: 5,
      max_completion_tokens: 9,
      reasoning_effort: 'galactic',
      service_tier: 'gold',
      x: {},
    });
    expect(generation.temperature).toBeUndefined();
    expect(generation.maxOutputTokens).toBe(9);
    expect(generation.serviceTier).toBe('gold');
  });

  it('data: URLs become bytes, other addresses stay', () => {
    const kinds = ['data:image/png;base64,AQI=', 'https://x/y.png'].map(
      (url) =>
        door.decodeRequest(user({ type: 'image_url', image_url: { url } })).generation.messages[0]?.parts[0]?.kind
          .value,
    );
    expect(kinds[0]).toMatchObject({
      source: { location: { case: 'data', value: new Uint8Array([1, 2]) }, mediaType: 'image/png' },
    });
    expect(kinds[1]).toMatchObject({ source: { location: { case: 'url', value: 'https://x/y.png' } } });
  });

  it('an unknown part is kept raw, cache_control is read', () => {
    const part = { type: 'hologram', depth: 3 };
    expect(door.decodeRequest(user(part)).generation.messages[0]?.parts[0]?.kind).toMatchObject({
      case: 'raw',
      value: { dialect: 'openai-chat', json: JSON.stringify(part) },
    });
    const cached = user({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } });
    expect(door.decodeRequest(cached).generation.messages[0]?.parts[0]?.cacheControl?.ttl).toBe(CacheTtl.CACHE_TTL_1H);
  });

  it('identity names go to their fields, the rest to labels', () => {
    const { metadata } = door.decodeRequest({ ...ASK, metadata: { team: 't', run: '7' } });
    expect(metadata.team).toBe('t');
    expect(metadata.labels).toEqual({ run: '7' });
  });

  it('members named __proto__ pollute nothing', () => {
    const body = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"a":1}}],"__proto__":{"stream":true,"polluted":1}}',
    );
    const decoded = door.decodeRequest(body);
    expect(decoded.stream).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('deep nesting is read or refused in words, never a crash', () => {
    const nested = (levels: number) =>
      `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}}]}`;
    expect(door.decodeRequest(JSON.parse(nested(100))).generation.tools).toHaveLength(1);
    for (const levels of [50_000, 2_000_000]) {
      try {
        door.decodeRequest(JSON.parse(nested(levels)));
      } catch (thrown) {
        expect(thrown).toMatchObject({ reason: 'INVALID_REQUEST', param: 'tools[0].function.parameters' });
      }
    }
  });

  it('a million members are read', () => {
    const body = { ...ASK, ...Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`k${index}`, 1])) };
    expect(door.decodeRequest(body).generation.model).toBe('m');
  });
});

describe("a caller's body of this format", () => {
  const body = { ...ASK, temperature: 0.7, vendor: { deep: [1, null] }, reasoning_effort: 'galactic' };

  it('goes along whole, with only the model patched', () => {
    expect(relay(body)).toMatchObject({ path: '/chat/completions', warnings: [] });
    expect(relay(body).body).toEqual({ ...body, model: 'target' });
  });

  it('is asked for usage on streams, beside its own options, unless the provider refuses that', () => {
    const asked = { ...body, stream: true, stream_options: { include_usage: false, extra: 1 } };
    expect(relay(asked, {}, true).body.stream_options).toEqual({ include_usage: true, extra: 1 });
    expect(relay(asked, { noStreamOptions: true }, true).body).not.toHaveProperty('stream_options');
  });

  it('follows quirks: dropped with a warning, renamed, defaulted, no developer', () => {
    const asked = { ...body, seed: 1, max_completion_tokens: 5, messages: [{ role: 'developer', content: 'x' }] };
    const sent = relay(asked, {
      dropFields: ['temperature'],
      renameFields: { seed: 'random_seed' },
      defaultFields: { max_completion_tokens: 1, safe: true },
      developerRole: 'system',
      paths: { chat: '/c' },
    });
    expect(sent.path).toBe('/c');
    expect(sent.body).toMatchObject({
      random_seed: 1,
      max_completion_tokens: 5,
      safe: true,
      messages: [{ role: 'system', content: 'x' }],
    });
    expect(sent.body).not.toHaveProperty('seed');
    expect(sent.warnings).toMatchObject([{ code: WarningCode.DROPPED, field: 'generation.temperature' }]);
  });

  it('options may set members, but not what the gateway decides', () => {
    const generation = create(GenerationSchema, {
      model: 'm',
      messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'x' } } }] }],
      providerOptionsJson: { 'openai-chat': '{"a":1,"b":1}', p: '{"b":2,"model":"evil","stream":true}' },
    });
    const sent = encode(generation);
    expect(sent.body).toMatchObject({ a: 1, b: 2, model: 'm' });
    expect(sent.body.stream).toBeUndefined();
    expect(sent.warnings.map(({ field }) => field)).toEqual([
      'generation.provider_options_json["p"].model',
      'generation.provider_options_json["p"].stream',
    ]);
  });
});

describe('what the format cannot carry is told', () => {
  it('field by field, with its path', () => {
    const generation = create(GenerationSchema, {
      model: 'm',
      topK: 5,
      reasoning: { budgetTokens: 4000 },
      tools: [{ kind: { case: 'provider', value: { type: 'web_search', dialect: 'anthropic-messages' } } }],
      messages: [
        {
          role: Role.USER,
          parts: [
            { kind: { case: 'text', value: { text: 'a' } }, cacheControl: {} },
            { kind: { case: 'raw', value: { dialect: 'gemini', json: '{}' } } },
            { kind: { case: 'file', value: { source: { location: { case: 'url', value: 'https://x' } } } } },
          ],
        },
        {
          role: Role.ASSISTANT,
          parts: [{ kind: { case: 'reasoning', value: { text: '', redactedData: 'r' } }, signature: 's' }],
        },
      ],
    });
    const told = encode(generation).warnings.map(({ code, field }) => [WarningCode[code as never] ?? code, field]);
    expect(told.map(([, field]) => field).sort()).toEqual([
      'generation.messages[0].parts[0].cache_control',
      'generation.messages[0].parts[1].raw',
      'generation.messages[0].parts[2].file',
      'generation.messages[1]',
      'generation.messages[1].parts[0].reasoning.redacted_data',
      'generation.messages[1].parts[0].signature',
      'generation.reasoning.budget_tokens',
      'generation.tools[0].provider',
      'generation.top_k',
    ]);
    expect(encode(generation).warnings.find(({ field }) => field.endsWith('budget_tokens'))?.code).toBe(
      WarningCode.APPROXIMATED,
    );
    expect(encode(generation).body.reasoning_effort).toBe('medium');
  });
});
