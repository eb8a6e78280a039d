import { create, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CacheTtl, Role } from '../../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../../gen/sluice/v1/tool_pb.ts';
import { CLAUDE, door, provider } from './drive.ts';

/**
 * Generations that the format can carry: instructions first, then a user's words and an assistant's by turns, ending with
 * the user; no empty texts or results; thoughts with their proof; inputs that are objects; ids and names of the format's alphabet, no
 * two calls alike; schemas of objects; stop texts that are not blank; at most four marks, all for an hour.
 */
const word = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/).filter((name) => !/^json_*$/.test(name));
const said = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
const object = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.integer(), fc.string(), fc.boolean()))
  .map((value) => JSON.stringify(value));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const data = (value: Uint8Array, mediaType: string) => ({ location: { case: 'data' as const, value }, mediaType });

const text = said.map((value) => ({ kind: { case: 'text' as const, value: { text: value } } }));
const image = fc
  .tuple(bytes, fc.constantFrom('image/png', 'image/jpeg', 'image/gif', 'image/webp'))
  .map(([value, mediaType]) => ({ kind: { case: 'image' as const, value: { source: data(value, mediaType) } } }));
const bucket = fc.stringMatching(/^[a-z]{3,8}$/).map((name) => ({
  kind: {
    case: 'image' as const,
    value: { source: { location: { case: 'url' as const, value: `s3://${name}/a.png` }, mediaType: 'image/png' } },
  },
}));
const sound = bytes.map((value) => ({
  kind: { case: 'audio' as const, value: { source: data(value, 'audio/wav'), format: 'wav' } },
}));
const film = bytes.map((value) => ({
  kind: { case: 'file' as const, value: { source: data(value, 'video/mp4') } },
}));
const thought = fc.oneof(
  fc.tuple(said, word).map(([value, signature]) => ({
    kind: { case: 'reasoning' as const, value: { text: value } },
    signature,
    origin: 'bedrock-converse',
  })),
  bytes.map((value) => ({
    kind: { case: 'reasoning' as const, value: { redactedData: value.toBase64() } },
    origin: 'bedrock-converse',
  })),
);
const raw = fc.constant({
  kind: {
    case: 'raw' as const,
    value: { dialect: 'bedrock-converse', json: '{"guardContent":{"text":{"text":"a"}}}' },
  },
});
const call = fc.tuple(word, object).map(([name, value]) => ({
  kind: { case: 'toolCall' as const, value: { id: '', name, input: { case: 'argumentsJson' as const, value } } },
}));
const answer = fc.tuple(fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }), fc.boolean());
const user = fc
  .tuple(text, fc.array(fc.oneof(text, image, bucket, sound, film, raw), { maxLength: 3 }))
  .map(([first, others]) => ({
    role: Role.USER,
    parts: [first, ...others],
  }));
/** A turn of the model's, and what answers it: the results of its calls, or the user's words. */
const exchange = fc
  .tuple(fc.array(thought, { maxLength: 2 }), text, fc.array(fc.tuple(call, answer), { maxLength: 3 }), user)
  .map(([thoughts, words, asked, said]) => {
    const calls = asked.map(([one]) => one);
    const results = asked.map(([, [parts, isError]]) => ({
      kind: { case: 'toolResult' as const, value: { callId: '', parts, isError } },
    }));
    return [
      { role: Role.ASSISTANT, parts: [...thoughts, words, ...calls] },
      results.length === 0 ? said : { role: Role.TOOL, parts: results },
    ];
  });
const system = fc.array(text, { minLength: 1, maxLength: 2 }).map((parts) => ({ role: Role.SYSTEM, parts }));

const conversation = fc
  .tuple(fc.option(system, { nil: undefined }), user, fc.array(exchange, { maxLength: 3 }))
  .map(([first, asked, turns]) => {
    const messages = [...(first === undefined ? [] : [first]), asked, ...turns.flat()];
    let calls = 0;
    let results = 0;
    for (const { parts } of messages) {
      for (const { kind } of parts) {
        if (kind.case === 'toolCall') kind.value.id = `call-${++calls}`;
        if (kind.case === 'toolResult') kind.value.callId = `call-${++results}`;
      }
    }
    return messages;
  });

const marked = fc.constantFrom(undefined, { ttl: CacheTtl.CACHE_TTL_1H });
const tool = fc.tuple(word, said, object, marked).map(([name, description, properties, cacheControl]) => ({
  kind: {
    case: 'function' as const,
    value: { name, description, parametersJsonSchema: `{"type":"object","properties":${properties}}` },
  },
  ...(cacheControl && { cacheControl }),
}));

const generation = fc
  .record(
    {
      messages: conversation,
      // At least one, so that the conversation's own calls need no stand-ins.
      tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
      toolChoice: fc.oneof(
        fc.constant({ mode: ToolChoiceMode.REQUIRED }),
        word.map((toolName) => ({ mode: ToolChoiceMode.TOOL, toolName })),
      ),
      maxOutputTokens: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      temperature: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      stop: fc.array(said, { maxLength: 4 }),
      serviceTier: fc.constantFrom('default', 'flex', 'priority', 'reserved'),
    },
    { requiredKeys: ['messages', 'tools'] },
  )
  .map(({ toolChoice, ...init }) => {
    const [first] = init.tools;
    const named = toolChoice !== undefined && 'toolName' in toolChoice ? { toolName: first?.kind.value.name } : {};
    const choice = toolChoice && { toolChoice: { ...toolChoice, ...named } };
    return create(GenerationSchema, { ...init, ...choice, model: CLAUDE } as object);
  });

describe('the law of the request', () => {
  it('what is encoded is decoded again, for all that the format can carry', () => {
    fc.assert(
      fc.property(generation, fc.boolean(), (wanted, stream) => {
        const target = { provider: 'p', model: CLAUDE, quirks: {}, stream };
        const { body, path, warnings } = provider.encodeRequest(wanted, target);
        const model = decodeURIComponent(path.split('/')[2] ?? '');
        const decoded = door.decodeRequest(JSON.parse(JSON.stringify(body)), { model, stream });
        expect(warnings).toEqual([]);
        expect(decoded.stream).toBe(stream);
        if (!equals(GenerationSchema, decoded.generation, wanted)) expect(decoded.generation).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });
});
