/** Names and values of headers; names may repeat. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** How an answer came to its end, as the simulator meant it: as a whole, or by a fault. */
export type Ending = 'whole' | 'fault';

/** What becomes of the connection after an answer: kept, closed unannounced, or reset when the next request comes on it. */
export type AfterAnswer = 'keep' | 'close' | 'reset-next';

/** One thing that the simulator does on a connection. An answer is a list of them, so that faults are functions of lists. */
export type Step =
  /** Takes so many milliseconds, in which so many tokens of the answer are made. */
  | { readonly kind: 'work'; readonly ms: number; readonly tokens: number }
  /** Sends status and headers. */
  | { readonly kind: 'head'; readonly status: number; readonly headers: HeaderList }
  /** Sends a piece of the body. In a stream each frame is a piece of its own. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Sends nothing more until the client goes. */
  | { readonly kind: 'silence' }
  /** Ends the answer as HTTP has it. */
  | { readonly kind: 'end'; readonly ending: Ending; readonly after: AfterAnswer }
  /** Closes the connection (FIN) without ending the answer. */
  | { readonly kind: 'hang-up' }
  /** Resets the connection (RST). */
  | { readonly kind: 'reset' };

export const END: Step = { kind: 'end', ending: 'whole', after: 'keep' };
export const FAULTY_END: Step = { kind: 'end', ending: 'fault', after: 'keep' };

export function bytesOf(text: string): Step {
  return { kind: 'bytes', bytes: Buffer.from(text, 'utf8') };
}
