import { choose, hash32 } from './seeded-random.ts';
import { tokenize } from './tokens.ts';

const OPENINGS = ['Hello!', 'Thank you for asking.', 'Good question.', 'Here I am.'] as const;
const NOTES = [
  'This answer is simulated: no model was called.',
  'I am a simulation, so nobody has thought about this.',
  'No model stands behind these words; they are simulated.',
  'These words are simulated, and always the same for the same question.',
] as const;
const CLOSINGS = [
  'Set up a provider to get a real answer.',
  'With a provider in the configuration, a model would answer here.',
  'A real model answers as soon as one is configured.',
] as const;
/** Each is one token with the space before it. */
const FILLERS = ['and', 'so', 'it', 'goes', 'on', 'word', 'by', 'word', 'until', 'the', 'end', 'comes', 'at', 'last'];

/** Words of the question that the answer quotes. */
const QUOTED_WORDS = 12;

/** What an answer in words depends on. */
export interface Question {
  /** What the last message says. */
  readonly prompt: string;
  /** The last message is what a tool answered. */
  readonly fromTool: boolean;
  /** Tells the answers of one request apart. */
  readonly choice: number;
  readonly seed: number;
}

/**
 * An answer that quotes the question and says that it is simulated. About 20 to 60 tokens, always the same for the same
 * question. Its quotation marks take several bytes each in UTF-8, so that streams of it can be cut inside a character.
 */
export function answerText({ prompt, fromTool, choice, seed }: Question): string {
  const quote = quoteStart(prompt);
  const heard = fromTool ? `The tool answered “${quote}”.` : `You wrote “${quote}”.`;
  const opening = fromTool ? '' : `${choose(OPENINGS, seed, choice, prompt, 'opening')} `;
  const note = choose(NOTES, seed, choice, prompt, 'note');
  return `${opening}${heard} ${note} ${choose(CLOSINGS, seed, choice, prompt, 'closing')}`;
}

/** The thoughts before an answer. */
export function thoughtText({ prompt, fromTool }: Question): string {
  const source = fromTool ? 'A tool has answered' : 'Somebody asks';
  return `${source} “${quoteStart(prompt)}”. There is nothing to work out, since this is a simulation. I will say so.`;
}

/** The text made so many tokens long: cut, or with words added. */
export function fitTokens(text: string, tokens: number, seed: number): string {
  const pieces = tokenize(text).slice(0, tokens);
  const first = hash32(seed, text);
  for (let i = 0; pieces.length < tokens; i++) pieces.push(` ${FILLERS[(first + i) % FILLERS.length]}`);
  return pieces.join('');
}

/** Which of the stop texts a text comes to first; empty where it holds none. */
export function firstStop(text: string, stops: readonly string[]): string {
  const held = stops.filter((stop) => stop !== '' && text.includes(stop));
  return held.toSorted((left, right) => text.indexOf(left) - text.indexOf(right))[0] ?? '';
}

function quoteStart(text: string): string {
  const words = text.trim().split(/\s+/u);
  const start = words.slice(0, QUOTED_WORDS).join(' ').slice(0, 200).toWellFormed();
  return start.length < text.trim().length && words.length > QUOTED_WORDS ? `${start} …` : start;
}
