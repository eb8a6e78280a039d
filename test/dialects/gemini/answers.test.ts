import { describe, expect, it } from 'vitest';
import { FinishReason } from '../../../gen/sluice/v1/chat_service_pb.ts';
import type { Annotation, TextPart } from '../../../gen/sluice/v1/content_pb.ts';
import { assertOrder } from '../support/plain-reading.ts';
import { attemptError, decodeAll, door, encodeAll, eventsOf, provider, withoutWire } from './drive.ts';

const decode = (json: object) => provider.decodeResponse(JSON.stringify(json), {}).response;
const candidate = (parts: object[], more: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', ...more }],
  responseId: 'r1',
});
const kinds = (json: object) => decode(json).choices[0]?.parts.map(({ kind }) => kind.case);

describe('an answer in one piece', () => {
  it.each([
    ['STOP', FinishReason.STOP],
    ['MAX_TOKENS', FinishReason.LENGTH],
    ['SAFETY', FinishReason.CONTENT_FILTER],
    ['RECITATION', FinishReason.CONTENT_FILTER],
    ['BLOCKLIST', FinishReason.CONTENT_FILTER],
    ['PROHIBITED_CONTENT', FinishReason.CONTENT_FILTER],
    ['SPII', FinishReason.CONTENT_FILTER],
    ['IMAGE_SAFETY', FinishReason.CONTENT_FILTER],
    ['LANGUAGE', FinishReason.OTHER],
    ['MALFORMED_FUNCTION_CALL', FinishReason.OTHER],
    ['UNEXPECTED_TOOL_CALL', FinishReason.OTHER],
    ['A_NEW_ONE', FinishReason.OTHER],
  ])('that ends with %s keeps the word', (finishReason, reason) => {
    const { choices } = decode(candidate([{ text: 'So' }], { finishReason }));
    expect(choices[0]).toMatchObject({ finishReason: reason, rawFinishReason: finishReason });
  });

  it('to a refused prompt is an answer without words, filtered, whose extras say why', () => {
    const promptFeedback = { blockReason: 'PROHIBITED_CONTENT', safetyRatings: [] };
    const usageMetadata = { promptTokenCount: 4 };
    const { choices, usage, providerExtrasJson } = decode({ promptFeedback, usageMetadata });
    expect(choices).toMatchObject([
      { index: 0, parts: [], finishReason: FinishReason.CONTENT_FILTER, rawFinishReason: 'PROHIBITED_CONTENT' },
    ]);
    expect(usage).toMatchObject({ inputTokens: 4 });
    expect(usage?.outputTokens).toBeUndefined();
    expect(JSON.parse(providerExtrasJson['gemini'] ?? '')).toEqual({ promptFeedback });
  });

  it('without a candidate, or that is an error after all, is a failure', () => {
    expect(attemptError(() => decode({ candidates: [] })).failure).toBe('EMPTY_RESPONSE');
    expect(attemptError(() => decode({ candidates: {} })).failure).toBe('MALFORMED');
    expect(attemptError(() => provider.decodeResponse('<html>', {})).failure).toBe('MALFORMED');
    const error = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } };
    expect(attemptError(() => decode(error))).toMatchObject({ failure: 'OVERLOADED', status: 503 });
  });

  it('keeps what it knows of parts, and the rest as it is', () => {
    const parts = [
      { text: 'Hm', thought: true },
      { text: '' },
      { text: 'See' },
      { inlineData: { mimeType: 'image/png', data: 'AQ==' }, thoughtSignature: 'eA==' },
      { inlineData: { mimeType: 'audio/L16;rate=24000', data: 'AQ==' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'gs://b/o' } },
      { executableCode: { language: 'PYTHON', code: '1' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
      { inlineData: { mimeType: 'image/png', data: '!' } },
      { text: '', thoughtSignature: 'eQ==' },
    ];
    expect(kinds(candidate(parts))).toEqual([
      'reasoning',
      'text',
      'image',
      'audio',
      'file',
      'raw',
      'raw',
      'raw',
      'text',
    ]);
    const response = decode(candidate(parts));
    expect(response.choices[0]?.parts[2]).toMatchObject({ signature: 'eA==', origin: 'gemini' });
    expect(JSON.parse(door.encodeResponse({ response })).candidates[0].content.parts).toEqual(
      parts.filter((part) => part.text !== '' || 'thoughtSignature' in part),
    );
  });

  it('gives calls without ids one that its next answer will not give again', () => {
    const calls = [
      { functionCall: { name: 'f' } },
      { functionCall: { name: 'f', id: 'own' } },
      { functionCall: { name: 'f' } },
    ];
    const ids = (responseId: string) =>
      decode({ ...candidate(calls), responseId }).choices[0]?.parts.map(({ kind }) =>
        kind.case === 'toolCall' ? kind.value.id : '',
      ) ?? [];
    const all = [...ids('r1'), ...ids('r2')];
    expect(all.filter((id) => id === 'own')).toHaveLength(2);
    expect(new Set(all).size).toBe(5);
    expect(ids('r1')).toEqual(ids('r1'));
    for (const id of all) expect(id.length).toBeLessThanOrEqual(40);
  });

  it('counts thoughts among the output, tools’ results among the input, and sound by itself', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 3,
      cachedContentTokenCount: 2,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 4 },
        { modality: 'AUDIO', tokenCount: 6 },
      ],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 1 }],
      trafficType: 'ON_DEMAND',
      serviceTier: 'flex',
    };
    const response = decode({ ...candidate([{ text: 'x' }]), usageMetadata });
    expect(response.usage).toMatchObject({
      inputTokens: 15,
      outputTokens: 10,
      reasoningTokens: 3,
      cacheReadTokens: 2,
      inputAudioTokens: 6,
      outputAudioTokens: 1,
    });
    expect(response.serviceTier).toBe('flex');
    expect(JSON.parse(response.providerExtrasJson['gemini'] ?? '')).toEqual({ trafficType: 'ON_DEMAND' });
    expect(decode({ ...candidate([]), usageMetadata: { trafficType: 'ON_DEMAND' } }).usage).toBeUndefined();
  });

  it('keeps log probabilities', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'a', logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'a', logProbability: -0.5 },
            { token: 'b', logProbability: -2 },
          ],
        },
      ],
    };
    const response = decode(candidate([{ text: 'a' }], { logprobsResult }));
    expect(response.choices[0]?.logprobs?.content).toMatchObject([
      { token: 'a', logprob: -0.5, top: [{ token: 'a' }, { token: 'b', logprob: -2 }] },
    ]);
    expect(JSON.parse(door.encodeResponse({ response })).candidates[0].logprobsResult).toEqual(logprobsResult);
  });
});

const textPart = ({ choices }: ReturnType<typeof decode>): TextPart => {
  const kind = choices[0]?.parts[0]?.kind;
  if (kind?.case !== 'text') throw new Error('no text');
  return kind.value;
};

const chunks = [
  { web: { uri: 'https://a.test', title: 'A' } },
  { retrievedContext: { uri: 'gs://b/o', title: 'B', text: 'words' } },
  { maps: { uri: 'https://m.test', title: 'M' } },
];
const grounding = (segment: object, indices: number[]) => ({
  groundingMetadata: {
    webSearchQueries: ['q'],
    groundingChunks: chunks,
    groundingSupports: [{ segment, groundingChunkIndices: indices }],
  },
});

const cited = (text: string, { startIndex, endIndex }: Annotation) => text.slice(startIndex, endIndex);

describe('sources', () => {
  // 1, 2, 3 and 4 bytes a character.
  const text = 'aé€😀 cited words.';
  const segment = {
    startIndex: Buffer.byteLength('aé€😀 '),
    endIndex: Buffer.byteLength('aé€😀 cited words'),
    text: 'cited words',
  };

  it('are placed in UTF-16 units where Google counts bytes', () => {
    const response = decode(candidate([{ text }], grounding(segment, [0, 1, 2, 9])));
    const { annotations } = textPart(response);
    expect(annotations.map((annotation) => cited(text, annotation))).toEqual(Array(3).fill('cited words'));
    expect(annotations).toMatchObject([
      { kind: { case: 'urlCitation', value: { url: 'https://a.test', title: 'A' } } },
      { kind: { case: 'documentCitation', value: { fileId: 'gs://b/o', title: 'B', citedText: 'words' } } },
      { kind: { case: 'urlCitation', value: { url: 'https://m.test' } } },
    ]);
    const extras = JSON.parse(response.providerExtrasJson['gemini'] ?? '');
    expect(extras.candidates[0]).toMatchObject({ index: 0, groundingMetadata: { webSearchQueries: ['q'] } });
  });

  it('belong to the part that is named, and to the one that the place lies in', () => {
    const parts = [{ text: 'First. ' }, { text: 'thought', thought: true }, { text }];
    const of = (json: object) =>
      decode(json).choices[0]?.parts.flatMap(({ kind }) =>
        kind.case === 'text' ? [kind.value.annotations.map((annotation) => cited(kind.value.text, annotation))] : [],
      );
    expect(of(candidate(parts, grounding({ ...segment, partIndex: 2 }, [0])))).toEqual([[], ['cited words']]);
    const shifted = { startIndex: segment.startIndex + 7, endIndex: segment.endIndex + 7 };
    expect(of(candidate(parts, grounding(shifted, [0])))).toEqual([[], ['cited words']]);
    expect(of(candidate(parts, grounding({ endIndex: 5 }, [0])))).toEqual([['First'], []]);
  });

  it('of quotations are sources too', () => {
    const citationMetadata = { citations: [{ startIndex: 1, endIndex: 3, uri: 'https://c.test', title: 'C' }] };
    const response = decode(candidate([{ text }], { citationMetadata }));
    const { annotations } = textPart(response);
    expect(annotations).toMatchObject([{ startIndex: 1, endIndex: 2, kind: { value: { url: 'https://c.test' } } }]);
  });

  it('come once in a stream, though metadata is repeated, and go out again at its end', () => {
    const whole = [
      candidate([{ text: 'aé€😀 ' }], { finishReason: undefined }),
      candidate([{ text: 'cited words.' }], { ...grounding(segment, [0]), finishReason: undefined }),
      candidate([{ text: '', thoughtSignature: 'eA==' }], grounding(segment, [0])),
    ];
    const events = eventsOf(decodeAll(whole));
    assertOrder(events);
    const told = events.flatMap((event) =>
      event.case === 'partDelta' && event.value.delta.case === 'annotation' ? [event.value.delta.value] : [],
    );
    expect(told).toHaveLength(1);
    expect(told[0] && cited(text, told[0])).toBe('cited words');
    const last = JSON.parse(encodeAll(withoutWire(events)).at(-1) ?? '');
    expect(last.candidates[0].groundingMetadata.groundingSupports).toEqual([{ segment, groundingChunkIndices: [0] }]);
  });
});
