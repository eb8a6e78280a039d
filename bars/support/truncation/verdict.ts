import type { BrokenAnswer } from './broken-answer.ts';
import { DIALECT_OF_DOOR, type Door } from './doors.ts';
import type { Reading } from './reading.ts';
import { TEXT } from './streams.ts';

/** What is wrong with what a caller got of an answer; undefined where all is right. */
export function wrongWith(answer: BrokenAnswer, door: Door, got: Reading): string | undefined {
  const wrong = answer.outcome === 'whole' ? wrongWithWhole(got) : wrongWithError(answer, door, got);
  return got.faults.length > 0 ? [...new Set(got.faults)].join(', ') : wrong;
}

/** An answer of which nothing is missing, whoever gave it. */
export function wrongWithWhole({ errors, ends, reasons, text }: Reading): string | undefined {
  if (errors > 0) return 'an error instead of the whole answer';
  if (ends !== 1) return `${ends} terminal markers`;
  if (reasons.length !== 1) return `${reasons.length} finish reasons`;
  return text === TEXT ? undefined : `the text ${JSON.stringify(text)}`;
}

function wrongWithError(answer: BrokenAnswer, door: Door, { errors, ends, reasons, text }: Reading) {
  if (ends > 0) return 'a terminal marker';
  if (errors !== 1) return `${errors} errors`;
  // Within one format the caller sees what the provider said; anything else would be made up.
  const said = answer.reasoned && DIALECT_OF_DOOR[door] === answer.dialect;
  if (reasons.length > (said ? 1 : 0)) return `an invented finish reason, ${reasons.join(', ')}`;
  return text === answer.words ? undefined : `the text ${JSON.stringify(text)}`;
}
