import { type Dialect, TEXT } from './streams.ts';

/** How a body's connection ends: as HTTP has it, closed too early, or reset. */
export type Ending = 'clean' | 'cut' | 'reset';

/** An answer of a provider that is not as it should be, or that only looks so. */
export interface BrokenAnswer {
  /** The provider's format. */
  readonly dialect: Dialect;
  readonly name: string;
  readonly stream: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly ending: Ending;
  /** What the caller must get of it: all, or an error. */
  readonly outcome: 'whole' | 'error';
  /** The words that come before the fault. */
  readonly words: string;
  /** Whether content comes before the fault: then no other provider may answer. */
  readonly begun: boolean;
  /** Whether the provider says why its answer ends. */
  readonly reasoned: boolean;
  /** It is so large that it is tried at few doors. */
  readonly huge: boolean;
}

type Told = Pick<BrokenAnswer, 'dialect' | 'name' | 'outcome'> & Partial<BrokenAnswer>;

const STREAM_TYPE = { 'content-type': 'text/event-stream' };
const AWS_TYPE = { 'content-type': 'application/vnd.amazon.eventstream' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** A streamed answer; what is not told is as in a good one. */
export function streamed(told: Told): BrokenAnswer {
  return {
    stream: true,
    status: 200,
    headers: told.dialect === 'bedrock-converse' ? AWS_TYPE : STREAM_TYPE,
    body: Buffer.alloc(0),
    ending: 'clean',
    words: told.outcome === 'whole' ? TEXT : '',
    begun: false,
    reasoned: false,
    huge: false,
    ...told,
  };
}

/** An answer in one piece; what is not told is as in a good one. */
export function unary(told: Told): BrokenAnswer {
  return { ...streamed(told), stream: false, headers: JSON_TYPE, ...told };
}
