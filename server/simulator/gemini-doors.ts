import type { RequestEnvelope } from '../dialects/dialect.ts';
import { geminiBatchEmbedDoor, geminiDoor, geminiEmbedDoor } from '../dialects/gemini/index.ts';
import type { DoorAt } from './doors.ts';

/** Below the Gemini API's versions, and below a publisher of Vertex AI's. Names of models may hold slashes and colons. */
const MODEL = '^/v1[a-z0-9]*/(?:projects/.+/publishers/google/)?models/(.+):';

function atMethod(method: string, door: DoorAt['door'], stream = false): DoorAt {
  return { pattern: new RegExp(`${MODEL}${method}$`), door, address: (match) => ({ ...modelOf(match), stream }) };
}

function modelOf([, name = '']: RegExpExecArray): RequestEnvelope {
  try {
    return { model: decodeURIComponent(name) };
  } catch {
    return { model: name };
  }
}

const chat = { kind: 'chat', codec: geminiDoor } as const;

/** The paths of Google's generateContent and what belongs to it. */
export const GEMINI_DOORS: readonly DoorAt[] = [
  atMethod('generateContent', chat),
  atMethod('streamGenerateContent', chat, true),
  atMethod('countTokens', {
    kind: 'token-count',
    codec: { ...geminiDoor.tokenCount, encodeError: geminiDoor.encodeError },
  }),
  atMethod('embedContent', { kind: 'embedding', codec: geminiEmbedDoor }),
  atMethod('batchEmbedContents', { kind: 'embedding', codec: geminiBatchEmbedDoor }),
];
