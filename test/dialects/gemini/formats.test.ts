import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import type { WireQuirks } from '../../../server/core/wire-quirks.ts';
import { provider } from './drive.ts';

const HELLO = { role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'a' } } }] };
const f = { kind: { case: 'function', value: { name: 'f' } } };
const search = { kind: { case: 'provider', value: { type: 'googleSearch', dialect: 'gemini' } } };
const schema = { kind: { case: 'jsonSchema', value: { name: 'n', schemaJson: '{"type":"array","items":{}}' } } };

function encode(init: object, model: string, quirks: WireQuirks = {}) {
  const generation = create(GenerationSchema, { messages: [HELLO], ...init } as object);
  const { body, warnings } = provider.encodeRequest(generation, { provider: 'p', model, quirks, stream: false });
  // biome-ignore lint/suspicious/noExplicitAny: a body as it goes over the wire
  const sent: any = JSON.parse(JSON.stringify(body));
  return { sent, fields: warnings.map(({ field }) => field) };
}

describe('JSON beside functions', () => {
  it('is asked for in words of models before Gemini 3, which refuse the format there', () => {
    const { sent, fields } = encode({ tools: [f], responseFormat: schema }, 'gemini-2.5-flash');
    expect(sent.generationConfig).toBeUndefined();
    expect(sent.systemInstruction.parts.at(-1).text).toContain('{"type":"array","items":{}}');
    expect(fields).toEqual(['generation.response_format']);
  });

  it.each([
    ['gemini-3-pro-preview', { tools: [f] }],
    ['gemini-2.5-flash', {}],
    ['gemini-2.5-flash', { tools: [f], toolChoice: { mode: ToolChoiceMode.NONE } }],
  ])('is held to by %s with %o', (model, more) => {
    const { sent, fields } = encode({ ...more, responseFormat: schema }, model);
    expect(sent.generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'array' },
    });
    expect(sent.systemInstruction).toBeUndefined();
    expect(fields).toEqual([]);
  });
});

describe("Google's own tools beside functions", () => {
  it('are told of to Gemini 3, and left out for older models and Vertex AI', () => {
    const mixed = encode({ tools: [search, f] }, 'gemini-3-pro-preview');
    expect(mixed.sent.tools).toEqual([{ functionDeclarations: [expect.anything()] }, { googleSearch: {} }]);
    expect(mixed.sent.toolConfig).toEqual({ includeServerSideToolInvocations: true });
    expect(mixed.fields).toEqual([]);
    const vertex = { paths: { chat: '/x/{model}:generateContent' } };
    for (const [model, quirks] of [
      ['gemini-2.5-pro', {}],
      ['gemini-3-pro-preview', vertex],
    ] as const) {
      const { sent, fields } = encode({ tools: [search, f] }, model, quirks);
      expect(sent.tools).toEqual([{ functionDeclarations: [expect.anything()] }]);
      expect(sent.toolConfig).toBeUndefined();
      expect(fields).toEqual(['generation.tools[0].provider']);
    }
    expect(encode({ tools: [search] }, 'gemini-2.5-pro').sent.tools).toEqual([{ googleSearch: {} }]);
  });
});

describe('media', () => {
  const image = (source: object) => ({
    ...HELLO,
    parts: [...HELLO.parts, { kind: { case: 'image', value: { source } } }],
  });

  it.each([
    ['a file of another provider', { location: { case: 'fileId', value: 'file-1' } }],
    [
      'a picture of a type that is refused',
      { location: { case: 'data', value: Buffer.from('x') }, mediaType: 'image/tiff' },
    ],
    ['an address that leads nowhere', { location: { case: 'url', value: 's3://b/x.png' }, mediaType: 'image/png' }],
  ])('%s is left out with a warning', (_, source) => {
    const { sent, fields } = encode({ messages: [image(source)] }, 'gemini-2.5-flash');
    expect(sent.contents).toEqual([{ role: 'user', parts: [{ text: 'a' }] }]);
    expect(fields).toEqual(['generation.messages[0].parts[1].image']);
  });

  it('in a data: URL goes inline', () => {
    const source = { location: { case: 'url', value: 'data:image/png;base64,aGk=' } };
    const { sent } = encode({ messages: [image(source)] }, 'gemini-2.5-flash');
    expect(sent.contents[0].parts[1]).toEqual({ inlineData: { mimeType: 'image/png', data: 'aGk=' } });
  });
});
