import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatResponseSchema, PartStartSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { ToolChoiceMode } from '../../gen/sluice/v1/tool_pb.ts';
import type { ChatStreamDecoder } from '../../server/dialects/dialect.ts';
import { fitToolName, fitToolNames } from '../../server/dialects/fit-tool-name.ts';
import { createLosses } from '../../server/dialects/losses.ts';
import { namingDecoder, withToolNames } from '../../server/dialects/restore-tool-names.ts';

const RULE = { pattern: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/, length: 64 } as const;

describe('the name of a tool', () => {
  it('is one that the format takes, whatever it was, and stays where it is one already', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 256 }), (name) => {
        const sent = fitToolName(name, RULE);
        expect(sent).toMatch(RULE.pattern);
        expect(fitToolName(sent, RULE)).toBe(sent);
      }),
    );
    expect(fitToolName('get-weather_2', RULE)).toBe('get-weather_2');
  });

  it('is another one for another tool, though the letters left of both are the same', () => {
    const sent = ['maps.find', 'maps:find', 'maps find'].map((name) => fitToolName(name, RULE));
    expect(new Set(sent).size).toBe(3);
    for (const name of sent) expect(name).toMatch(/^maps_find_[0-9a-f]{8}$/);
  });
});

const call = (name: string, providerExecuted = false) => ({
  kind: { case: 'toolCall' as const, value: { id: 'c', name, providerExecuted } },
});
const asked = create(GenerationSchema, {
  messages: [
    { role: Role.ASSISTANT, parts: [call('maps.find'), call('web.search', true)] },
    { role: Role.TOOL, parts: [{ kind: { case: 'toolResult', value: { callId: 'c', name: 'maps.find' } } }] },
  ],
  tools: [
    { kind: { case: 'function', value: { name: 'maps.find' } } },
    { kind: { case: 'custom', value: { name: 'fine' } } },
  ],
  toolChoice: { mode: ToolChoiceMode.TOOL, toolName: 'maps.find', allowedToolNames: ['fine'] },
});

describe('a request with a name that the format does not take', () => {
  it('has another one everywhere, which is told once, and answers have the first', () => {
    const losses = createLosses();
    const { generation, names } = fitToolNames(asked, RULE, losses);
    const sent = fitToolName('maps.find', RULE);
    expect([...(names ?? [])]).toEqual([[sent, 'maps.find']]);
    expect(losses.warnings.map(({ field }) => field)).toEqual(['generation.tools[0].function.name']);
    expect(generation.toolChoice).toMatchObject({ toolName: sent, allowedToolNames: ['fine'] });
    expect(JSON.stringify(generation).split(sent)).toHaveLength(5);
    expect(JSON.stringify(generation)).toContain('web.search');

    const response = create(ChatResponseSchema, { choices: [{ parts: [call(sent), call('fine')] }] });
    const wire = { dialect: 'gemini' as const, json: {} };
    const { choices } = withToolNames({ response, wire }, names).response;
    expect(choices[0]?.parts.map(({ kind }) => kind.case === 'toolCall' && kind.value.name)).toEqual([
      'maps.find',
      'fine',
    ]);
  });

  it('is streamed back with the first', () => {
    const { names } = fitToolNames(asked, RULE, createLosses());
    const decoder: ChatStreamDecoder = {
      push: () => ({
        events: [{ case: 'partStart', value: create(PartStartSchema, { part: call(fitToolName('maps.find', RULE)) }) }],
      }),
      end: () => ({ events: [] }),
      terminated: true,
      usage: undefined,
    };
    const [event] = namingDecoder(decoder, names).push({ event: '', data: '' }).events;
    expect(event).toMatchObject({ value: { part: { kind: { value: { name: 'maps.find' } } } } });
  });

  it('is itself where all names are taken', () => {
    const plain = create(GenerationSchema, { tools: [{ kind: { case: 'function', value: { name: 'f' } } }] });
    expect(fitToolNames(plain, RULE, createLosses())).toEqual({ generation: plain, names: undefined });
    expect(fitToolNames(plain, RULE, createLosses()).generation).toBe(plain);
  });
});
