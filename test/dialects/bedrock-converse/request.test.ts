import { describe, expect, it } from 'vitest';
import { Role } from '../../../gen/sluice/v1/content_pb.ts';
import { refusal } from '../support/drive.ts';
import { assistant, call, encode, file, inline, message, result, say, tool, user } from './drive.ts';

const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const MISTRAL = 'mistral.mistral-large-2407-v1:0';
const toolUses = (content: { toolUse?: object }[]) => content.flatMap(({ toolUse }) => toolUse ?? []);

describe('where a request goes', () => {
  it('names the model and the kind of answer in the path, whatever the model is called', () => {
    expect(encode({}).path).toBe('/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse');
    const arn = 'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude';
    expect(encode({}, { model: arn, stream: true })).toMatchObject({
      path: `/model/${encodeURIComponent(arn)}/converse-stream`,
      headers: { accept: 'application/vnd.amazon.eventstream' },
    });
    expect(refusal(() => encode({}, { model: '..' })).reason).toBe('MODEL_NOT_FOUND');
  });

  it('is another path where the provider has one', () => {
    const quirks = { paths: { chat: '/a/{model}', chatStream: '/b/{model}' } };
    expect(encode({}, { quirks }).path).toMatch('/a/anthropic');
    expect(encode({}, { quirks, stream: true }).path).toMatch('/b/anthropic');
  });
});

describe('a body of this format', () => {
  it('goes on as it came, with members that nobody knows', () => {
    const json = { messages: [], novel: { a: [1] }, toolConfig: { tools: [] } };
    const { body, losses } = encode({}, { wire: { dialect: 'bedrock-converse', json } });
    expect([body, losses]).toEqual([json, []]);
  });
});

describe('options of the provider', () => {
  it('are set in the body; those for the model add to its others', () => {
    const { body, losses } = encode({
      topK: 5,
      providerOptionsJson: {
        'bedrock-converse': '{"guardrailConfig":{"guardrailIdentifier":"g"},"messages":[]}',
        aws: '{"additionalModelRequestFields":{"anthropic_beta":["x"]},"performanceConfig":{"latency":"optimized"}}',
      },
    });
    expect(body).toMatchObject({
      guardrailConfig: { guardrailIdentifier: 'g' },
      performanceConfig: { latency: 'optimized' },
      additionalModelRequestFields: { top_k: 5, anthropic_beta: ['x'] },
    });
    expect(losses).toEqual(['DROPPED provider_options_json["bedrock-converse"].messages']);
  });
});

describe('a conversation', () => {
  it('has turns that alternate and begin with the user, with results of tools before words', () => {
    const { body, losses } = encode({
      tools: [tool('f')],
      messages: [
        message(Role.SYSTEM, say('Be kind.')),
        user(say('a')),
        user(say('b')),
        assistant(call('1'), call('2')),
        message(Role.TOOL, result('1', say('one'))),
        user(say('and?')),
        message(Role.TOOL, result('2', say('two'))),
      ],
    });
    expect(losses).toEqual([]);
    expect(body.system).toEqual([{ text: 'Be kind.' }]);
    expect(body.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(body.messages[2].content).toEqual([
      { toolResult: { toolUseId: '1', content: [{ text: 'one' }] } },
      { toolResult: { toolUseId: '2', content: [{ text: 'two' }] } },
      { text: 'and?' },
    ]);
  });

  it('that begins or ends with the assistant, or has instructions within, is mended and says so', () => {
    const { body, losses } = encode(
      { messages: [assistant(say('Hi')), message(Role.DEVELOPER, say('Now rhyme.')), assistant(say('Yes '))] },
      { model: 'anthropic.claude-opus-4-7' },
    );
    expect(body.messages).toEqual([
      { role: 'user', content: [{ text: 'Continue.' }] },
      { role: 'assistant', content: [{ text: 'Hi' }] },
      { role: 'user', content: [{ text: '<system>\nNow rhyme.\n</system>' }] },
      { role: 'assistant', content: [{ text: 'Yes ' }] },
      { role: 'user', content: [{ text: 'Continue.' }] },
    ]);
    expect(losses).toEqual(['EMULATED messages[1].role', 'EMULATED messages[0]', 'EMULATED messages[2]']);
  });

  it('goes on from the last words where the model does that', () => {
    const { body } = encode({ messages: [user(say('a')), assistant(say('Once '))] });
    expect(body.messages.at(-1)).toEqual({ role: 'assistant', content: [{ text: 'Once' }] });
  });

  it('of instructions alone, or of nothing that is left, still asks something', () => {
    expect(encode({ messages: [message(Role.SYSTEM, say('Go.'))] }).body.messages).toEqual([
      { role: 'user', content: [{ text: 'Go.' }] },
    ]);
    const { body, losses } = encode({ messages: [user(say('  '))] });
    expect(body.messages).toEqual([{ role: 'user', content: [{ text: 'Continue.' }] }]);
    expect(losses).toEqual(['DROPPED messages[0].parts[0]', 'EMULATED messages']);
  });

  it('has ids of calls that are taken, no two alike, and results that name them', () => {
    const messages = [
      user(say('a')),
      assistant(call('call 1!'), call('same'), call('')),
      message(Role.TOOL, result('call 1!'), result('same'), result('')),
      assistant(call('same')),
      message(Role.TOOL, result('same')),
    ];
    const ids = (content: { toolUse?: { toolUseId: string }; toolResult?: { toolUseId: string } }[]) =>
      content.map(({ toolUse, toolResult }) => (toolUse ?? toolResult)?.toolUseId);
    const { body } = encode({ messages, tools: [tool('f')] });
    const [, first, answered, second, again] = body.messages;
    expect(ids(answered.content)).toEqual(ids(first.content));
    expect(ids(again.content)).toEqual(ids(second.content));
    const all = [...ids(first.content), ...ids(second.content)];
    expect(new Set(all).size).toBe(4);
    for (const id of all) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    const short = ids(encode({ messages, tools: [tool('f')] }, { model: MISTRAL }).body.messages[1].content);
    for (const id of short) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  });
});

describe('content', () => {
  it('sends thoughts back only with the proof that this provider gave them', () => {
    const thought = (text: string, more: object) => ({ kind: { case: 'reasoning', value: { text } }, ...more });
    const { body, losses } = encode({
      messages: [
        user(say('a')),
        assistant(
          thought('mine', { signature: 's', origin: 'bedrock-converse' }),
          thought('whose', { signature: 't' }),
          thought('foreign', { signature: 'u', origin: 'anthropic-messages' }),
          thought('bare', {}),
          { kind: { case: 'reasoning', value: { redactedData: 'AAEC' } }, origin: 'bedrock-converse' },
          { kind: { case: 'reasoning', value: { redactedData: 'enc' } }, origin: 'openai-responses' },
          say('b'),
        ),
        user(say('c')),
      ],
    });
    expect(body.messages[1].content).toEqual([
      { reasoningContent: { reasoningText: { text: 'mine', signature: 's' } } },
      { reasoningContent: { reasoningText: { text: 'whose', signature: 't' } } },
      { reasoningContent: { redactedContent: 'AAEC' } },
      { text: 'b' },
    ]);
    expect(losses).toEqual([2, 3, 5].map((index) => `DROPPED messages[1].parts[${index}].reasoning`));
  });

  it('names documents in the letters that are taken, no two alike', () => {
    const doc = (filename: string, type = 'application/pdf') => file({ filename, source: inline('x', type) });
    const { body, losses } = encode({
      messages: [
        user(say('read'), doc('a  b.pdf'), doc('Größe_1.pdf'), doc('report.pdf'), doc('report', 'text/csv'), doc('')),
      ],
    });
    const documents = body.messages[0].content.slice(1).map((block: { document: object }) => block.document);
    expect(documents).toMatchObject([
      { name: 'a b', format: 'pdf' },
      { name: 'Gr-e-1', format: 'pdf' },
      { name: 'report', format: 'pdf' },
      { name: 'report (2)', format: 'csv' },
      { name: 'document', format: 'pdf' },
    ]);
    for (const { name } of documents) expect(name).toMatch(/^(?!.* {2})[a-zA-Z0-9()[\] -]{1,200}$/);
    expect(losses).toEqual([1, 2, 4].map((index) => `APPROXIMATED messages[0].parts[${index}].file.filename`));
  });

  it('has words beside documents, whose citations and context go along', () => {
    const source = inline('{}', 'application/json');
    const { body, losses } = encode({
      messages: [user(file({ title: 'T', context: 'C', citations: true, source }))],
    });
    expect(body.messages[0].content).toEqual([
      {
        document: {
          format: 'txt',
          name: 'T',
          source: { bytes: 'e30=' },
          context: 'C',
          citations: { enabled: true },
        },
      },
      { text: 'A document is attached.' },
    ]);
    expect(losses).toEqual(['APPROXIMATED messages[0].parts[0].file.source.media_type', 'EMULATED messages']);
  });

  it('takes media inline, as data: URLs and from buckets, and says what it cannot take', () => {
    const image = (value: string, more = {}) => ({
      kind: { case: 'image', value: { source: { location: { case: 'url', value } }, ...more } },
    });
    const { body, losses } = encode({
      messages: [
        user(
          image('data:image/png;base64,AAEC'),
          image('s3://bucket/a.jpeg'),
          image('https://a.b/c.png', { detail: 'high' }),
          { kind: { case: 'file', value: { source: inline('v', 'video/mp4') } } },
          { kind: { case: 'audio', value: { source: inline('a', 'audio/mpeg') } } },
          { kind: { case: 'file', value: { source: { location: { case: 'fileId', value: 'f' } } } } },
          { kind: { case: 'raw', value: { dialect: 'gemini', json: '{}' } } },
        ),
      ],
    });
    expect(body.messages[0].content).toEqual([
      { image: { format: 'png', source: { bytes: 'AAEC' } } },
      { image: { format: 'jpeg', source: { s3Location: { uri: 's3://bucket/a.jpeg' } } } },
      { video: { format: 'mp4', source: { bytes: 'dg==' } } },
      { audio: { format: 'mp3', source: { bytes: 'YQ==' } } },
    ]);
    expect(losses).toEqual([
      'DROPPED messages[0].parts[2].image.detail',
      'DROPPED messages[0].parts[2].image',
      'DROPPED messages[0].parts[5].file',
      'DROPPED messages[0].parts[6].raw',
    ]);
  });

  it('sends an input that is no object as a member of one, and marks failed tools where the model knows it', () => {
    const messages = [
      user(say('a')),
      assistant(call('1', 'f', '{"a":'), call('2', 'f', '[1]'), call('3', 'f', '')),
      message(Role.TOOL, { kind: { case: 'toolResult', value: { callId: '1', parts: [say('no')], isError: true } } }),
      message(Role.TOOL, { kind: { case: 'toolResult', value: { callId: '2', parts: [say('yes')] } } }),
      message(Role.TOOL, { kind: { case: 'toolResult', value: { callId: '3', parts: [say('yes')] } } }),
    ];
    const { body, losses } = encode({ messages, tools: [tool('f')] });
    expect(toolUses(body.messages[1].content)).toMatchObject([
      { input: { input: '{"a":' } },
      { input: { input: '[1]' } },
      { input: {} },
    ]);
    expect(body.messages[2].content[0].toolResult.status).toBe('error');
    expect(losses).toEqual([0, 1].map((index) => `APPROXIMATED messages[1].parts[${index}].tool_call.input`));
    expect(encode({ messages, tools: [tool('f')] }, { model: LLAMA }).losses).toContain(
      'DROPPED messages[2].parts[0].tool_result.is_error',
    );
  });
});
