import { badBodies } from './bad-bodies.ts';
import { badFrames } from './bad-frames.ts';
import type { BrokenAnswer } from './broken-answer.ts';
import { cutAnswers } from './cuts.ts';
import { DIALECTS } from './streams.ts';
import { unaryAnswers } from './unary-answers.ts';

/** An answer with the name of the model that gives it. */
export interface CorpusEntry extends BrokenAnswer {
  readonly id: string;
}

/** Every broken answer that there is. Their ids are the same in each run. */
export const CORPUS: readonly CorpusEntry[] = DIALECTS.flatMap((dialect) =>
  [...cutAnswers(dialect), ...badFrames(dialect), ...badBodies(dialect), ...unaryAnswers(dialect)].map(
    (answer, at): CorpusEntry => ({ ...answer, id: `${dialect}-${at}` }),
  ),
);
