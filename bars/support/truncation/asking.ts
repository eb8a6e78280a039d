import { KEY } from '../gateway.ts';
import { aloneRoute, otherRoute } from './config.ts';
import type { CorpusEntry } from './corpus.ts';
import { type Door, requestAt } from './doors.ts';
import { type Reading, readStream, readWhole } from './reading.ts';
import { wrongWith, wrongWithWhole } from './verdict.ts';

/** A call of the corpus: an answer at a door, by a route with or without another provider. */
export interface Call {
  readonly entry: CorpusEntry;
  readonly door: Door;
  readonly route: 'alone' | 'other';
}

const GIVE_UP_MS = 20_000;

/** The calls of an answer at a door. Where content comes first, another provider changes nothing and is all that is tried. */
export function callsOf(entry: CorpusEntry, door: Door): Call[] {
  const other: Call = { entry, door, route: 'other' };
  return entry.begun ? [other] : [{ entry, door, route: 'alone' }, other];
}

/** Makes the call; what is wrong with what came of it, or undefined. */
export async function tryCall(url: string, call: Call, key = KEY): Promise<string | undefined> {
  const { entry, door, route } = call;
  try {
    const model = route === 'alone' ? aloneRoute(entry.id) : otherRoute(entry.id, door);
    const { path, contentType, body } = requestAt(door, model, entry.stream);
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': contentType },
      body,
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const got = readAnswer(call, response, bytes);
    const { outcome, begun } = entry;
    const fallsBack = route === 'other' && outcome === 'error' && !begun;
    return fallsBack ? wrongWithWhole(got) : wrongWith(entry, door, got);
  } catch (thrown) {
    return thrown instanceof Error ? `${thrown.name} ${thrown.message}` : 'nothing';
  }
}

function readAnswer({ entry, door }: Call, { status, headers }: Response, body: Buffer): Reading {
  const type = headers.get('content-type') ?? '';
  const streams = type.startsWith('text/event-stream') || type.startsWith('application/connect+json');
  if (streams !== entry.stream && status === 200) throw new Error(`type ${type}`);
  return streams ? readStream(door, body) : readWhole(door, status, body.toString('utf8'));
}
