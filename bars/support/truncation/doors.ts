import { enveloped } from '../reader.ts';
import type { Dialect } from './streams.ts';

/** The doors at which a caller can ask for an answer, streamed or not. */
export const DOORS = ['chat', 'responses', 'messages', 'gemini', 'completions', 'connect'] as const;
export type Door = (typeof DOORS)[number];

/** The format that each speaks; RPC has one of its own. */
export const DIALECT_OF_DOOR: Readonly<Record<Door, Dialect | undefined>> = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic-messages',
  gemini: 'gemini',
  completions: undefined,
  connect: undefined,
};

export interface Sending {
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Buffer<ArrayBuffer>;
}

const MESSAGES = [{ role: 'user', content: 'Hello' }];

/** A request for an answer of a model. */
export function requestAt(door: Door, model: string, stream: boolean): Sending {
  const json = (path: string, body: object): Sending => {
    return { path, contentType: 'application/json', body: JSON.stringify(body) };
  };
  switch (door) {
    case 'chat':
      return json('/v1/chat/completions', { model, stream, messages: MESSAGES });
    case 'responses':
      return json('/v1/responses', { model, stream, input: 'Hello' });
    case 'messages':
      return json('/v1/messages', { model, stream, max_tokens: 100, messages: MESSAGES });
    case 'completions':
      return json('/v1/completions', { model, stream, prompt: 'Hello' });
    case 'gemini': {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      return json(`/v1beta/models/${model}:${method}`, { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] });
    }
    case 'connect': {
      const generation = { model, messages: [{ role: 'ROLE_USER', parts: [{ text: { text: 'Hello' } }] }] };
      const body = JSON.stringify({ generation });
      if (!stream) return { path: '/sluice.v1.ChatService/Chat', contentType: 'application/json', body };
      const path = '/sluice.v1.ChatService/StreamChat';
      return { path, contentType: 'application/connect+json', body: Buffer.from(enveloped(body)) };
    }
  }
}
