import type { ChatStreamDecoder, Frame, StreamFraming, StreamStep } from '../dialects/dialect.ts';
import { AttemptError } from '../errors/attempt-error.ts';
import { decodeAwsEventStream } from '../upstream/aws-event-stream.ts';
import { readText } from '../upstream/read-text.ts';
import { decodeSse } from '../upstream/sse-decoder.ts';
import type { UpstreamResponse } from '../upstream/upstream.ts';
import type { AttemptTimers } from './attempt-timers.ts';

/**
 * How long a provider may keep the connection after its terminal marker. Most close at once; some send usage after the
 * marker, which is worth a moment.
 */
const AFTER_MARKER_MS = 250;

/**
 * Frames that are decoded before the caller takes them. Decoded, a frame is some ten times its text: what a slow reader has
 * not taken yet waits as text.
 */
const FRAMES_AT_ONCE = 32;

/** How much is read of a body that should have been a stream. */
const WRONG_BODY_BYTES = 64 * 1024;

/** A stream's decoder, how its frames lie in the body, and how an answer that is no stream is read. */
export interface FramedDecoder {
  readonly decoder: ChatStreamDecoder;
  readonly framing: StreamFraming;
  /** Throws AttemptError where the text is an error of the format. */
  readonly decodeWhole: (text: string) => unknown;
}

/** How a body is cut into frames. */
const FRAMINGS: Readonly<Record<StreamFraming, (body: AsyncIterable<Uint8Array>) => AsyncIterable<readonly Frame[]>>> =
  {
    sse: decodeSse,
    'aws-event-stream': decodeAwsEventStream,
  };

/** Bytes to frames to steps. The last step is the decoder's end. Throws AttemptError. */
export async function* decodeStream(
  response: UpstreamResponse,
  { decoder, framing, decodeWhole }: FramedDecoder,
  timers: AttemptTimers,
): AsyncGenerator<readonly StreamStep[], void> {
  await refuseOtherBodies(response, decodeWhole);
  let leaving = false;
  try {
    for await (const frames of FRAMINGS[framing](response.body)) {
      for (let at = 0; at < frames.length; at += FRAMES_AT_ONCE) {
        const { steps, refusal } = decodeFrames(decoder, frames.slice(at, at + FRAMES_AT_ONCE));
        if (decoder.terminated && !leaving) {
          leaving = true;
          timers.endWithin(AFTER_MARKER_MS);
        }
        if (steps.length > 0) yield steps;
        if (refusal !== undefined) throw refusal.thrown;
      }
    }
  } catch (thrown) {
    // After the marker the answer is whole, however the connection then ends.
    if (!leaving) throw thrown;
  }
  yield [decoder.end()];
}

/**
 * What frames say up to the first that the decoder throws at, and what it threw. What came before a fault stands, whether or
 * not both came in one piece.
 */
function decodeFrames(
  decoder: ChatStreamDecoder,
  frames: readonly Frame[],
): { readonly steps: readonly StreamStep[]; readonly refusal?: { readonly thrown: unknown } } {
  const steps: StreamStep[] = [];
  try {
    for (const frame of frames) steps.push(decoder.push(frame));
    return { steps };
  } catch (thrown) {
    return { steps, refusal: { thrown } };
  }
}

/** An HTML page or a JSON object with status 200 is no stream. One that is the format's error says what went wrong. */
async function refuseOtherBodies(response: UpstreamResponse, decodeWhole: FramedDecoder['decodeWhole']): Promise<void> {
  const type = response.headers['content-type'] ?? '';
  if (!/^\s*(application\/json|text\/html)/i.test(type)) return;
  const text = await readText(response.body, WRONG_BODY_BYTES, 'cut');
  if (/json/i.test(type)) decodeWhole(text);
  throw new AttemptError('MALFORMED', `The provider sent ${type} of ${text.length} characters instead of a stream.`, {
    status: response.status,
  });
}
