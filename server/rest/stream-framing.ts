import type { Frame } from '../dialects/dialect.ts';
import { encodeSseComment, encodeSseFrame } from '../upstream/sse-encoder.ts';

/** How the frames of a stream stand in the body of an answer. */
export interface StreamFraming {
  readonly contentType: string;
  /** What readers pass over, to keep a silent stream open; it may come before the first frame. */
  readonly keepalive: string;
  /** Frames as text; begun tells whether others went before them. */
  write(frames: readonly Frame[], begun: boolean): string;
  /** Words that readers pass over; absent where there is no place for them. */
  readonly comment?: (text: string) => string;
  /** What closes the body. */
  close(begun: boolean): string;
}

const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export const serverSentEvents: StreamFraming = {
  contentType: EVENT_STREAM,
  keepalive: encodeSseComment('keepalive'),
  write: (frames) => frames.map(encodeSseFrame).join(''),
  comment: encodeSseComment,
  close: () => '',
};

/**
 * Server-sent events for Google's SDKs, of which the one for Python reads every line that is not empty as a chunk: there are
 * no comments.
 */
export const googleEvents: StreamFraming = {
  contentType: EVENT_STREAM,
  keepalive: '\n',
  write: serverSentEvents.write,
  close: () => '',
};

/** What Google's API streams where ?alt=sse is not asked for: one JSON array, an element at a time. */
export const googleArray: StreamFraming = {
  contentType: 'application/json; charset=utf-8',
  keepalive: '\n',
  write: (frames, begun) => frames.map(({ data }, at) => `${begun || at > 0 ? '\n,' : '['}${data}`).join(''),
  close: (begun) => (begun ? '\n]\n' : '[]\n'),
};
