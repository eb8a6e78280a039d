import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { WarningCode } from '../../../gen/sluice/v1/decision_pb.ts';
import { door, fieldsOf, provider, receive, refusal, said, send, target } from './drive.ts';

const user = (text: string) => ({ role: Role.USER, parts: [said(text)] });
const model = (...parts: object[]) => ({ role: Role.ASSISTANT, parts: parts as never[] });
const called = (id: string, name: string, args = '{}', more: object = {}) => ({
  kind: { case: 'toolCall' as const, value: { id, name, input: { case: 'argumentsJson' as const, value: args } } },
  ...more,
});
const answered = (callId: string, text: string, more: object = {}) => ({
  kind: { case: 'toolResult' as const, value: { callId, parts: [said(text)], ...more } },
});

describe('the path', () => {
  it.each([
    ['gemini-3-pro', '/models/gemini-3-pro'],
    ['models/gemini-3-pro', '/models/gemini-3-pro'],
    ['publishers/google/models/gemini-3-pro', '/models/gemini-3-pro'],
    ['tunedModels/mine', '/tunedModels/mine'],
    ['a/b:c', '/models/a%2Fb%3Ac'],
  ])('of the model %s is below its collection, URL-encoded', (name, path) => {
    expect(send({ messages: [user('Hi')] }, { model: name }).path).toBe(`${path}:generateContent`);
  });

  it('of a stream asks for server-sent events', () => {
    const { path } = provider.encodeRequest(receive({ contents: [{ parts: [{ text: 'Hi' }] }] }).generation, {
      ...target('m'),
      stream: true,
    });
    expect(path).toBe('/models/m:streamGenerateContent?alt=sse');
  });

  it("is the provider's own where its quirks have one", () => {
    const quirks = { paths: { chat: '/x/{model}:go', countTokens: '/y/{model}' } };
    expect(send({ messages: [user('Hi')] }, { quirks, model: 'm' }).path).toBe('/x/m:go');
  });
});

describe('within the format', () => {
  const body = {
    model: 'models/m',
    contents: [{ role: 'user', parts: [{ text: 'Hi', unknownMember: { a: 1.5 } }] }],
    generation_config: { temperature: 1, future_setting: [1] },
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    cachedContent: 'cachedContents/1',
    labels: { a: 'b' },
  };

  it("the caller's body goes on as it is, but for the model", () => {
    const { generation, wire } = receive(body);
    const { model: _, ...rest } = body;
    expect(provider.encodeRequest(generation, { ...target('other'), wire }).body).toEqual(rest);
  });

  it('options are set beside what the body asks for', () => {
    const { generation, wire } = receive(body);
    generation.providerOptionsJson = {
      gemini: '{"generationConfig":{"topK":3},"contents":[]}',
      p: '{"cached_content":"c"}',
    };
    const sent = provider.encodeRequest(generation, { ...target('other'), wire });
    expect(sent.body).toMatchObject({
      contents: body.contents,
      cachedContent: 'c',
      generationConfig: { temperature: 1, future_setting: [1], topK: 3 },
    });
    expect(sent.body['generation_config']).toBeUndefined();
    expect(fieldsOf(sent)).toEqual(['generation.provider_options_json["gemini"].contents']);
  });

  it('safety settings and cached content can be set by options across formats', () => {
    const options = { gemini: '{"safetySettings":[],"cachedContent":"c"}' };
    expect(send({ messages: [user('Hi')], providerOptionsJson: options }).body).toMatchObject({
      safetySettings: [],
      cachedContent: 'c',
    });
  });
});

describe('the conversation', () => {
  it('begins with the instructions as systemInstruction; later ones are a user’s words, with a warning', () => {
    const system = (text: string) => ({ role: Role.SYSTEM, parts: [said(text)] });
    const developer = { role: Role.DEVELOPER, parts: [said('B')] };
    const sent = send({ messages: [system('A'), developer, user('Hi'), system('C')] });
    expect(sent.body).toEqual({
      systemInstruction: { parts: [{ text: 'A' }, { text: 'B' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'user', parts: [{ text: 'C' }] },
      ],
    });
    expect(sent.warnings).toMatchObject([{ code: WarningCode.EMULATED, field: 'generation.messages[3].role' }]);
  });

  it('of instructions alone is a user’s, because there must be one', () => {
    const sent = send({ messages: [{ role: Role.SYSTEM, parts: [said('A')] }] });
    expect(sent.body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'A' }] }] });
    expect(fieldsOf(sent)).toEqual(['generation.messages[0].role']);
  });

  it('that says nothing is refused here, with the field', () => {
    expect(refusal(() => send({ messages: [model()] })).param).toBe('generation.messages');
  });

  it('has all calls of a turn in one content and all their results in the next, by name', () => {
    const { body } = send(
      {
        messages: [
          user('Hi'),
          model(said('Well')),
          model(called('c1', 'one', '{"a":1}'), called('c2', 'two')),
          { role: Role.TOOL, parts: [answered('c1', '{"ok":true}')] },
          { role: Role.TOOL, parts: [answered('c2', 'Sunny', { isError: true })] },
          model(),
          user('And?'),
        ],
      },
      { model: 'gemini-2.5-pro' },
    );
    expect(body['contents']).toEqual([
      { role: 'user', parts: [{ text: 'Hi' }] },
      {
        role: 'model',
        parts: [
          { text: 'Well' },
          { functionCall: { id: 'c1', name: 'one', args: { a: 1 } } },
          { functionCall: { id: 'c2', name: 'two', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'c1', name: 'one', response: { ok: true } } },
          { functionResponse: { id: 'c2', name: 'two', response: { error: 'Sunny' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'And?' }] },
    ]);
  });

  it('never sends back an id that was made here, and derives the same one again', () => {
    const body = {
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }] },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'f', response: { result: '1' } } },
            { functionResponse: { name: 'f', response: { result: '2' } } },
          ],
        },
      ],
    };
    const { generation } = receive(body);
    const ids = generation.messages.flatMap(({ parts }) =>
      parts.flatMap(({ kind }) =>
        kind.case === 'toolCall' ? [kind.value.id] : kind.case === 'toolResult' ? [kind.value.callId] : [],
      ),
    );
    expect(ids).toEqual([ids[0], ids[1], ids[0], ids[1]]);
    expect(ids[0]).not.toBe(ids[1]);
    const { body: sent } = send(generation, { model: 'gemini-2.5-pro' });
    expect(JSON.stringify(sent)).not.toContain('gcall');
    expect(JSON.stringify(sent)).not.toContain('"id"');
  });

  it('gives a first call without a signature the word that says so, for models that want one', () => {
    const parts = (name: string) => {
      const { body } = send(
        { messages: [user('Hi'), model(called('c1', 'a'), called('c2', 'b')), user('x')] },
        { model: name },
      );
      return (body['contents'] as unknown[])[1] as { parts: { thoughtSignature?: string }[] };
    };
    const marks = (name: string) => parts(name).parts.map(({ thoughtSignature }) => thoughtSignature);
    expect(marks('gemini-3.1-pro-preview')).toEqual(['skip_thought_signature_validator', undefined]);
    expect(marks('gemini-flash-latest')).toEqual(['skip_thought_signature_validator', undefined]);
    expect(marks('gemini-2.5-flash')).toEqual([undefined, undefined]);
    expect(marks('gemma-4')).toEqual([undefined, undefined]);
  });

  it('sends signatures of its own and drops those of others, with a warning', () => {
    const own = { signature: 'b3du', origin: 'gemini' };
    const foreign = { signature: 'Zm9y', origin: 'anthropic-messages' };
    const thought = { kind: { case: 'reasoning' as const, value: { text: 'Hm', redactedData: 'x' } }, ...foreign };
    const empty = { ...said(''), ...own };
    const sent = send({ messages: [user('Hi'), model(thought, { ...said('A'), ...own }, empty), user('x')] });
    expect((sent.body['contents'] as unknown[])[1]).toEqual({
      role: 'model',
      parts: [
        { text: 'Hm', thought: true },
        { text: 'A', thoughtSignature: 'b3du' },
        { text: '', thoughtSignature: 'b3du' },
      ],
    });
    expect(fieldsOf(sent)).toEqual([
      'generation.messages[1].parts[0].signature',
      'generation.messages[1].parts[0].reasoning.redacted_data',
    ]);
  });

  it('names each loss of a part', () => {
    const png = { source: { location: { case: 'data' as const, value: new Uint8Array([1]) }, mediaType: 'image/png' } };
    const sent = send({
      messages: [
        {
          role: Role.USER,
          name: 'ann',
          parts: [
            { ...said('Hi'), cacheControl: {} },
            { kind: { case: 'image', value: { ...png, detail: 'high' } } },
            {
              kind: {
                case: 'image',
                value: { source: { location: { case: 'url', value: 'https://x.test/a.webp?q' } } },
              },
            },
            { kind: { case: 'audio', value: { id: 'audio_1' } } },
            { kind: { case: 'file', value: { ...png, filename: 'a.png', citations: true } } },
            { kind: { case: 'raw', value: { dialect: 'openai-chat', json: '{}' } } },
          ],
        },
        model({
          kind: { case: 'toolCall', value: { id: 'c', name: 'n', input: { case: 'argumentsJson', value: '[1' } } },
        }),
        { role: Role.TOOL, parts: [answered('c', 'x')] },
      ],
    });
    expect((sent.body['contents'] as unknown[])[0]).toEqual({
      role: 'user',
      parts: [
        { text: 'Hi' },
        { inlineData: { mimeType: 'image/png', data: 'AQ==' } },
        { fileData: { mimeType: 'image/webp', fileUri: 'https://x.test/a.webp?q' } },
        { inlineData: { mimeType: 'image/png', data: 'AQ==' } },
      ],
    });
    expect(fieldsOf(sent)).toEqual([
      'generation.messages[0].name',
      'generation.messages[0].parts[0].cache_control',
      'generation.messages[0].parts[1].image.detail',
      'generation.messages[0].parts[2].image.source.media_type',
      'generation.messages[0].parts[3].audio',
      'generation.messages[0].parts[4].file.filename',
      'generation.messages[0].parts[4].file.citations',
      'generation.messages[0].parts[5].raw',
      'generation.messages[1].parts[0].tool_call.arguments_json',
    ]);
  });

  it('keeps pictures in results where the model takes them, and beside them where not', () => {
    const picture = {
      kind: {
        case: 'image' as const,
        value: { source: { location: { case: 'data' as const, value: new Uint8Array([1]) }, mediaType: 'image/png' } },
      },
    };
    const messages = [
      user('Hi'),
      model(called('c1', 'f')),
      { role: Role.TOOL, parts: [answered('c1', '', { parts: [said('see'), picture] })] },
    ];
    const parts = (sent: ReturnType<typeof send>) =>
      ((sent.body['contents'] as unknown[])[2] as { parts: unknown[] }).parts;
    const newer = send({ messages });
    const inlineData = { mimeType: 'image/png', data: 'AQ==' };
    expect(parts(newer)).toEqual([
      { functionResponse: { id: 'c1', name: 'f', response: { output: 'see' }, parts: [{ inlineData }] } },
    ]);
    const older = send({ messages }, { model: 'gemini-2.5-flash' });
    expect(parts(older)).toEqual([
      { functionResponse: { id: 'c1', name: 'f', response: { output: 'see' } } },
      { inlineData },
    ]);
    expect(older.warnings).toMatchObject([{ code: WarningCode.EMULATED }]);
  });
});

describe('counting tokens', () => {
  const count = (init: object, more: object = {}) =>
    provider.tokenCount?.encodeRequest(receive(init as never).generation, { ...target('m'), ...more });

  it('sends the contents alone, or with all that belongs to the prompt', () => {
    const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
    expect(count({ contents })).toMatchObject({ path: '/models/m:countTokens', body: { contents } });
    const systemInstruction = { parts: [{ text: 'Be kind' }] };
    const generationConfig = { temperature: 1 };
    const prompt = { contents, systemInstruction };
    expect(count({ ...prompt, generationConfig })?.body).toEqual({
      generateContentRequest: { model: 'models/m', ...prompt },
    });
    const flat = { quirks: { paths: { countTokens: '/v/{model}:countTokens' } } };
    expect(count({ ...prompt, generationConfig }, flat)).toMatchObject({ path: '/v/m:countTokens', body: prompt });
  });

  it('reads both forms at the door, and passes them on with the model of the provider', () => {
    const inner = { model: 'models/mine', contents: [{ parts: [{ text: 'Hi' }] }], tools: [] };
    const body = { generateContentRequest: inner };
    const decoded = door.tokenCount.decodeRequest(body, { model: 'mine' });
    expect(decoded.generation).toMatchObject({ model: 'mine', messages: [{ role: Role.USER }] });
    const sent = provider.tokenCount?.encodeRequest(decoded.generation, { ...target('m'), wire: decoded.wire });
    expect(sent?.body).toEqual({ generateContentRequest: { ...inner, model: 'models/m' } });
    expect(door.tokenCount.encodeResponse({ inputTokens: 7 })).toBe('{"totalTokens":7}');
    const text = '{"totalTokens":3,"promptTokensDetails":[]}';
    const counted = provider.tokenCount?.decodeResponse(text);
    expect(counted && door.tokenCount.encodeResponse(counted)).toBe(text);
  });
});
