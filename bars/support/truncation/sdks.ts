import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { OpenAI } from 'openai';
import type { BrokenAnswer } from './broken-answer.ts';
import { aloneRoute } from './config.ts';
import type { Door } from './doors.ts';

/** An official SDK and the way in which it is asked for a stream. Rejects where the SDK throws. */
export interface SdkWay {
  readonly name: string;
  readonly door: Door;
  read(model: string): Promise<unknown>;
}

const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];

/** Each way that OpenAI's, Anthropic's and Google's SDKs for Node have to a streamed answer of a gateway. */
export function sdkWays(url: string, key: string): readonly SdkWay[] {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  const google = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  return [
    {
      name: 'openai chat',
      door: 'chat',
      read: async (model) => drain(await openai.chat.completions.create({ model, stream: true, messages: MESSAGES })),
    },
    {
      name: 'openai chat helper',
      door: 'chat',
      read: (model) => openai.chat.completions.stream({ model, messages: MESSAGES }).finalChatCompletion(),
    },
    {
      name: 'openai responses',
      door: 'responses',
      read: async (model) => drain(await openai.responses.create({ model, stream: true, input: 'Hello' })),
    },
    {
      name: 'openai responses helper',
      door: 'responses',
      read: (model) => openai.responses.stream({ model, input: 'Hello' }).finalResponse(),
    },
    {
      name: 'openai completions',
      door: 'completions',
      read: async (model) => drain(await openai.completions.create({ model, stream: true, prompt: 'Hello' })),
    },
    {
      name: 'anthropic messages',
      door: 'messages',
      read: async (model) =>
        drain(await anthropic.messages.create({ model, stream: true, max_tokens: 100, messages: MESSAGES })),
    },
    {
      name: 'anthropic messages helper',
      door: 'messages',
      read: (model) => anthropic.messages.stream({ model, max_tokens: 100, messages: MESSAGES }).finalMessage(),
    },
    {
      name: 'google',
      door: 'gemini',
      read: async (model) => drain(await google.models.generateContentStream({ model, contents: 'Hello' })),
    },
  ];
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** Asks for an answer by its own route; what is wrong with what the SDK did of it, or undefined. */
export async function trySdk(way: SdkWay, answer: BrokenAnswer & { readonly id: string }): Promise<string | undefined> {
  try {
    await way.read(aloneRoute(answer.id));
    return answer.outcome === 'whole' ? undefined : 'it did not throw';
  } catch (thrown) {
    const said = thrown instanceof Error ? `${thrown.name} ${thrown.message}` : String(thrown);
    if (answer.outcome === 'whole') return `it threw ${said}`;
    // Anything but the SDK's own errors is a mishap in reading; helpers stumble over relayed events that they do not know.
    const own = thrown instanceof Error && ('status' in thrown || way.name.endsWith('helper'));
    return own ? undefined : `it threw ${said}, which is none of its errors of an API`;
  }
}
