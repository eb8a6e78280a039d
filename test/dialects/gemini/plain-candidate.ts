import type { Reading } from '../support/plain-reading.ts';

// biome-ignore lint/suspicious/noExplicitAny: a reading of foreign JSON without help of the code under test
type Json = any;

const CALLED: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  // Arguments that come by their paths, put together by hand.
  'google-stream-no-args-tool-call.chunks.txt': [
    ['read_theme', {}],
    ['read_screen', { id: 'A' }],
    ['read_screen', { id: 'B' }],
    ['read_screen', { id: 'C' }],
  ],
  'google-stream-tool-call-arguments.chunks.txt': [
    ['getWeather', { location: 'Boston' }],
    ['getWeather', { location: 'San Francisco' }],
  ],
};

/** What the chunks of an answer say, as ../shared/blackbox/oracle.py reads them: independent of the codecs. */
export function readChunks(chunks: readonly Json[], name: string): Reading {
  const usage = Object.assign({}, ...chunks.map((chunk) => chunk.usageMetadata ?? {}));
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const calls = parts
    .filter((part) => part.functionCall?.name)
    .map(({ functionCall: call }) => [call.name, call.args ?? {}] as const);
  const output = (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0);
  return {
    text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join(''),
    tools: CALLED[name] ?? calls,
    finish: chunks.findLast((chunk) => chunk.candidates?.[0]?.finishReason)?.candidates[0].finishReason,
    input: usage.promptTokenCount,
    output: usage.candidatesTokenCount === undefined ? undefined : output,
  };
}
