import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import type { JsonObject } from '../../../server/core/json.ts';
import { refusal } from '../support/drive.ts';
import { assistant, call, door, encode, message, result, say, tool, user } from './drive.ts';

describe('hostile requests', () => {
  const deep = `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`;
  const raw = { kind: { case: 'raw', value: { dialect: 'bedrock-converse', json: deep } } };

  it.each([
    ['a schema that is no JSON', { tools: [tool('f', '{')] }],
    ['a schema that is no object', { tools: [tool('f', '[]')] }],
    ['options that are no JSON', { providerOptionsJson: { aws: '{' } }],
  ])('are refused as such: %s', (_, init) => {
    expect(refusal(() => encode(init)).reason).toBe('INVALID_REQUEST');
  });

  // How deep the runtime writes JSON is its own business; what it cannot write has to be refused by name.
  it.each([
    ['a schema', { tools: [tool('f', deep)] }],
    ['a form', { responseFormat: { kind: { case: 'jsonSchema', value: { schemaJson: deep } } } }],
    ['a raw part', { messages: [user(raw)] }],
    ['an input', { messages: [user(say('a')), assistant(call('1', 'f', deep)), message(Role.TOOL, result('1'))] }],
  ])('are written or refused, where they are nested without end: %s', (_, init) => {
    try {
      encode(init);
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'SluiceError', reason: 'INVALID_REQUEST' });
    }
  });

  it('change no prototype', () => {
    const text = '{"__proto__":{"polluted":1},"type":"object"}';
    encode({
      tools: [tool('f', text)],
      messages: [user(say('a')), assistant(call('1', 'f', text)), message(Role.TOOL, result('1'))],
      providerOptionsJson: { aws: text },
    });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('a body that a door gets', () => {
  const body = (more: object) => ({ messages: [{ role: 'user', content: [{ text: 'a' }] }], ...more });
  let nested: object = { text: 'a' };
  for (let depth = 0; depth < 20_000; depth += 1) {
    nested = { toolResult: { toolUseId: 'x', content: [nested] } };
  }

  it.each([
    ['messages', { messages: [] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: [] }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 'text' }] }],
    [
      'messages[0].content[0].image.source.bytes',
      { messages: [{ role: 'user', content: [{ image: { format: 'png', source: { bytes: '?' } } }] }] },
    ],
    [
      'messages[0].content[0].toolUse.toolUseId',
      { messages: [{ role: 'user', content: [{ toolUse: { name: 'f', input: {} } }] }] },
    ],
    ['inferenceConfig.maxTokens', { inferenceConfig: { maxTokens: 1e300 } }],
    ['inferenceConfig.temperature', { inferenceConfig: { temperature: 2 } }],
    ['toolConfig.tools[0].toolSpec.inputSchema', { toolConfig: { tools: [{ toolSpec: { name: 'f' } }] } }],
    ['toolConfig.toolChoice', { toolConfig: { tools: [], toolChoice: { some: {} } } }],
    ['system', { system: 'text' }],
  ])('is refused with the place of what is wrong: %s', (param, more) => {
    expect(refusal(() => door.decodeRequest(body(more), { model: 'm' })).param).toBe(param);
  });

  it('is refused without a model', () => {
    expect(refusal(() => door.decodeRequest(body({}))).param).toBe('modelId');
  });

  it('is read or refused, where results are nested in results without end', () => {
    try {
      door.decodeRequest({ messages: [{ role: 'user', content: [nested] }] } as JsonObject, { model: 'm' });
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'SluiceError', reason: 'INVALID_REQUEST' });
    }
  });
});
