import type { RequestEnvelope } from '../dialects/dialect.ts';
import { chatDoorCodec } from '../dialects/registry.ts';
import type { DoorAt } from './doors.ts';

const door = { kind: 'chat', codec: chatDoorCodec('bedrock-converse') } as const;

function modelOf([, segment = '']: RegExpExecArray): RequestEnvelope {
  try {
    return { model: decodeURIComponent(segment) };
  } catch {
    return { model: segment };
  }
}

/** The paths of Amazon Bedrock's Converse API, which name the model and the kind of answer. */
export const BEDROCK_DOORS: readonly DoorAt[] = [
  { pattern: /^\/model\/([^/]+)\/converse$/, door, address: modelOf },
  { pattern: /^\/model\/([^/]+)\/converse-stream$/, door, address: (match) => ({ ...modelOf(match), stream: true }) },
];
