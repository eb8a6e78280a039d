import { type BrokenAnswer, type Ending, streamed } from './broken-answer.ts';
import { type Dialect, isBinary, type Piece, STREAMS, WORDS } from './streams.ts';

// Streams that are cut: between two frames, within one, within a character; each by an end that HTTP calls good, by a
// connection that closes too early, and by a reset.

const ENDINGS: readonly Ending[] = ['clean', 'cut', 'reset'];

/** What some frames have said together. */
export function said(pieces: readonly Piece[]): Pick<BrokenAnswer, 'words' | 'begun' | 'reasoned' | 'outcome'> {
  const has = (...words: readonly Piece['says'][]): boolean => pieces.some(({ says }) => words.includes(says));
  return {
    words: pieces.map(({ name }) => WORDS.get(name) ?? '').join(''),
    begun: has('content', 'end'),
    reasoned: has('reason', 'end'),
    outcome: has('end') ? 'whole' : 'error',
  };
}

export function joined(pieces: readonly Piece[], ...more: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat([...pieces.map(({ bytes }) => bytes), ...more.map((one) => Buffer.from(one))]);
}

/** After each frame. */
function betweenFrames(dialect: Dialect): BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  return pieces.flatMap((_piece, at) =>
    ENDINGS.filter((ending) => at < pieces.length - 1 || ending !== 'clean').map((ending) => {
      const sent = pieces.slice(0, at + 1);
      const name = `${ending} after ${pieces[at]?.name}`;
      return streamed({ dialect, name, body: joined(sent), ending, ...said(sent) });
    }),
  );
}

/** In the middle of each frame's bytes. */
function withinFrames(dialect: Dialect): BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  return pieces.flatMap((piece, at) =>
    (['clean', 'reset'] as const).map((ending) => {
      const sent = pieces.slice(0, at);
      const half = piece.bytes.subarray(0, piece.bytes.length >> 1);
      const name = `${ending} within ${piece.name}`;
      return streamed({ dialect, name, body: joined(sent, half), ending, ...said(sent) });
    }),
  );
}

/** Within the two bytes of "ü" and the four of the wave. */
function withinCharacters(dialect: Dialect): BrokenAnswer[] {
  const pieces = STREAMS[dialect];
  return ['ü', '🌊'].flatMap((character) =>
    ENDINGS.map((ending) => {
      const at = pieces.findIndex(({ bytes }) => bytes.includes(character));
      const bytes = pieces[at]?.bytes ?? Buffer.alloc(0);
      const sent = pieces.slice(0, at);
      const part = bytes.subarray(0, bytes.indexOf(character) + 1);
      const name = `${ending} within ${character}`;
      return streamed({ dialect, name, body: joined(sent, part), ending, ...said(sent) });
    }),
  );
}

/** The terminal marker without the line ends behind it is a marker still; half of it is none. */
function withinLineEnds(dialect: Dialect): BrokenAnswer[] {
  if (isBinary(dialect)) return [];
  const pieces = STREAMS[dialect];
  const all = joined(pieces);
  return [1, 2].map((missing) =>
    streamed({ dialect, name: `${missing} line ends missing`, body: all.subarray(0, -missing), ...said(pieces) }),
  );
}

export function cutAnswers(dialect: Dialect): readonly BrokenAnswer[] {
  return [
    ...betweenFrames(dialect),
    ...withinFrames(dialect),
    ...withinCharacters(dialect),
    ...withinLineEnds(dialect),
  ];
}
