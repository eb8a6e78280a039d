import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../server/core/json.ts';
import { parseJson } from '../../server/core/parse-json.ts';
import type { ChatDialectName } from '../../server/dialects/dialect.ts';
import { SluiceError } from '../../server/errors/sluice-error.ts';
import { readJsonObject } from '../../server/rest/read-body.ts';
import { DOORS, doorOf, PROVIDERS, type ProviderCase, targetOf } from './codecs.ts';

/** Numbers that a double does not hold, or spells otherwise. */
const odd = fc.oneof(
  fc.constantFrom('9007199254740993', '1.0', '1e400', '-0', '0.10', '1E5', '0.0000001', '12345678901234567890.123'),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map(String),
  fc.integer().map((whole) => `${whole}.0`),
);
const numbers = fc.array(odd, { minLength: 1, maxLength: 5 });
const ENVELOPE = { model: 'asked', stream: false };
const read = (text: string): JsonObject => readJsonObject(Buffer.from(text), 100);

const ASKED: Readonly<Record<ChatDialectName, (numbers: string) => string>> = {
  'openai-chat': (json) =>
    `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"enum":${json}}}}}}]}`,
  'openai-responses': (json) =>
    `{"model":"m","input":"x","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{"enum":${json}}}}}]}`,
  'openai-completions': (json) => `{"model":"m","prompt":"x","x_unknown":${json}}`,
  'anthropic-messages': (json) =>
    `{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"a":${json}}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"r"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{}}}}]}`,
  gemini: (json) =>
    `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"a":${json}}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"r"}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":{}}}}]}]}`,
  'bedrock-converse': (json) =>
    `{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"c1","name":"f","input":{"a":${json}}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"c1","content":[{"text":"r"}]}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{"a":{}}}}}}]}}`,
  cohere: (json) =>
    `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":${JSON.stringify(`{"a":${json}}`)}}}]},{"role":"tool","tool_call_id":"c1","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{}}}}}]}`,
};

function sent({ codec, models: [model] }: ProviderCase, dialect: ChatDialectName, text: string): string {
  const { generation, wire } = doorOf(dialect).codec.decodeRequest(read(text), ENVELOPE);
  return JSON.stringify(codec.encodeRequest(generation, { ...targetOf(model), wire }).body);
}

describe.each(DOORS)('the numbers of a request in the format $dialect', ({ dialect }) => {
  const own = PROVIDERS.find((provider) => provider.dialect === dialect) as ProviderCase;

  it('stand within the format as the caller spelled them, those of unknown members too', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const text = ASKED[dialect](`[${list.join(',')}]`).replace(/\}$/, `,"x_more":{"y":[${list.join(',')}]}}`);
        const { model: _, ...members } = parseJson(text) as JsonObject;
        const {
          model: _model,
          stream: __,
          stream_options: ___,
          ...body
        } = parseJson(sent(own, dialect, text)) as JsonObject;
        expect(JSON.stringify(body)).toBe(JSON.stringify(members));
      }),
      { numRuns: 50 },
    );
  });

  it.each(PROVIDERS.filter((provider) => ![dialect, 'openai-completions'].includes(provider.dialect)))(
    'in arguments and schemas stand where $dialect is written',
    (provider) => {
      if (dialect === 'openai-completions') return;
      fc.assert(
        fc.property(numbers, (list) => {
          expect(sent(provider, dialect, ASKED[dialect](`[${list.join(',')}]`))).toContain(list.join(','));
        }),
        { numRuns: 30 },
      );
    },
  );
});

/** An answer of each format that calls a tool with such arguments. */
const ANSWERED: Readonly<Partial<Record<ChatDialectName, (args: string) => string>>> = {
  'openai-chat': (args) =>
    `{"id":"i","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":${JSON.stringify(args)}}}]}}]}`,
  'openai-responses': (args) =>
    `{"id":"i","object":"response","model":"m","status":"completed","output":[{"type":"function_call","id":"fc","call_id":"c1","name":"f","arguments":${JSON.stringify(args)},"status":"completed"}]}`,
  'anthropic-messages': (args) =>
    `{"id":"i","type":"message","role":"assistant","model":"m","stop_reason":"tool_use","content":[{"type":"tool_use","id":"c1","name":"f","input":${args}}],"usage":{"input_tokens":1.0,"output_tokens":2}}`,
  gemini: (args) =>
    `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":${args}}}]},"finishReason":"STOP","index":0,"avgLogprobs":-0.10}]}`,
  'bedrock-converse': (args) =>
    `{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"c1","name":"f","input":${args}}}]}},"stopReason":"tool_use"}`,
  cohere: (args) =>
    `{"id":"i","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":${JSON.stringify(args)}}}]}}`,
};
const ANSWERING = PROVIDERS.filter(({ dialect }) => ANSWERED[dialect] !== undefined);

describe.each(ANSWERING)('the arguments in an answer of $dialect', ({ dialect, codec }) => {
  it.each(DOORS.filter((door) => door.dialect !== 'openai-completions'))(
    'reach a caller of $dialect in their spelling',
    (door) => {
      fc.assert(
        fc.property(numbers, (list) => {
          const args = `{"a":[${list.join(',')}]}`;
          const body = door.codec.encodeResponse(codec.decodeResponse(ANSWERED[dialect]?.(args) ?? '', {}));
          expect(body).toContain(list.join(','));
        }),
        { numRuns: 30 },
      );
    },
  );
});

describe('a number that is spelled oddly where the format has one', () => {
  it('is that number', () => {
    const { generation } = doorOf('openai-chat').codec.decodeRequest(
      read(
        '{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":1.0,"max_tokens":1e2,"n":2.0,"logit_bias":{"5":-1.0}}',
      ),
    );
    expect(generation).toMatchObject({ temperature: 1, maxOutputTokens: 100, n: 2, logitBias: { 5: -1 } });
  });

  it.each([
    ['max_tokens', '1e400'],
    ['model', '1.0'],
    ['tools', '1.0'],
    ['metadata', '1.0'],
    ['n', '9007199254740993'],
    ['stop', '[1.0]'],
  ])('is refused by name where it cannot be: %s %s', (name, value) => {
    const ask = () =>
      doorOf('openai-chat').codec.decodeRequest(
        read(`{"model":"m","messages":[{"role":"user","content":"x"}],"${name}":${value}}`),
      );
    expect(ask).toThrow(SluiceError);
    expect(ask).toThrow(new RegExp(`'${name}`));
  });
});
