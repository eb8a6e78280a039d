import type { Usage } from '../../../gen/sluice/v1/usage_pb.ts';
import type { ChatDialectName, Frame, StreamFraming } from '../../dialects/dialect.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import type { AnswerPlan } from '../plan.ts';
import type { Step } from '../step.ts';

/** A setting of a fault. */
export interface FaultParameter {
  readonly name: string;
  /** Empty: not set. Where it is a whole number, values must be too. */
  readonly initial: string;
  readonly description: string;
}

/** One use of a fault: its name, and the values of all its parameters. */
export interface FaultUse {
  readonly fault: Fault;
  readonly values: ReadonlyMap<string, string>;
}

/** One frame of a stream, and how many tokens were made for it. */
export interface TimedFrame {
  readonly frame: Frame;
  readonly tokens: number;
}

/** Where a fault strikes: its own settings and the answer's format. */
export interface Scene {
  readonly stream: boolean;
  /** The format of a conversation; undefined for vectors and counts. */
  readonly dialect: ChatDialectName | undefined;
  readonly framing: StreamFraming;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** A parameter of this use; empty where it is not set. */
  word(parameter: string): string;
  /** The same as a number; 0 where it is not set. */
  number(parameter: string): number;
  /** The body of an error in the answer's format. */
  encodeError(error: SluiceError): string;
  /** The bytes of frames in the answer's framing. */
  encodeFrames(frames: readonly Frame[]): Uint8Array;
  /** The frames of an error within a stream. */
  errorFrames(error: SluiceError): readonly Frame[];
}

/**
 * A way in which providers fail. It changes an answer at one level or several; the functions run in the order in which
 * they stand here, and each sees the whole answer.
 */
export interface Fault {
  readonly name: string;
  readonly description: string;
  /** The first one is what "name=value" sets. */
  readonly parameters: readonly FaultParameter[];
  /** Nothing of the model's answer is left, so that it costs nothing. */
  readonly replaces?: true;
  /** The usage that the answer reports; undefined for none. */
  changeUsage?(usage: Usage | undefined): Usage | undefined;
  /** What is answered, in no format. */
  changePlan?(plan: AnswerPlan): AnswerPlan;
  /** The frames of a streamed answer. */
  changeFrames?(frames: readonly TimedFrame[], scene: Scene): readonly TimedFrame[];
  /** The body of an answer in one piece. */
  changeBody?(text: string, scene: Scene): string;
  /** What is done on the connection. */
  changeSteps?(steps: Iterable<Step>, scene: Scene): Iterable<Step>;
}

/** The value of a parameter, for tables. */
export function parameter(name: string, initial: string, description: string): FaultParameter {
  return { name, initial, description };
}
