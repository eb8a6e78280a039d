import type { RequestView } from './request-view.ts';

/** Scripts that tell a language, or a group of them. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/[\u3040-\u30ff]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  [/[іїєґІЇЄҐ]/u, 'uk'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Thai}/u, 'th'],
];

/** Words that are frequent in one language and rare in the others. */
const WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: new Set('the and is are of to in that what how this with for you can please it was not'.split(' ')),
  de: new Set('der die das und ist nicht ein eine mit für auf wie was ich sie bitte den dem zu von'.split(' ')),
  fr: new Set('le la les et est une des pour dans que qui avec pas sur vous je du ce comment'.split(' ')),
  es: new Set('el los las y es una para que con por no en como del qué cómo se lo está'.split(' ')),
  it: new Set('il gli e è una per che con non di come del della sono questo cosa'.split(' ')),
  pt: new Set('o os as e é uma para que com não em como do da você isto por'.split(' ')),
  nl: new Set('de het een en is niet van voor met wat hoe ik je dat op te zijn'.split(' ')),
};

/** The language of a text by its script or its small words, as in ISO 639-1; empty where it cannot be told. */
export function languageOf(text: string): string {
  const script = SCRIPTS.find(([pattern]) => pattern.test(text));
  if (script !== undefined) return script[1];
  const words = text.toLowerCase().split(/[^\p{L}]+/u);
  let best = '';
  let most = 0;
  for (const [language, known] of Object.entries(WORDS)) {
    const count = words.reduce((sum, word) => sum + (known.has(word) ? 1 : 0), 0);
    if (count > most) [best, most] = [language, count];
  }
  return best;
}

/** Beginnings and endings of lines that prose does not have. */
const CODE_LINE =
  /[;{}]\s*$|^\s*(?:import |from \S+ import|def |class |function |const |let |var |#include|SELECT |<\/?\w+[ >])/i;

/** The share of lines that look like code, fenced blocks included: from 0 to 1. */
export function codeFraction(text: string): number {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let fenced = false;
  let code = 0;
  for (const line of lines) {
    if (line.trimStart().startsWith('```')) fenced = !fenced;
    else if (fenced || CODE_LINE.test(line)) code += 1;
  }
  return lines.length === 0 ? 0 : code / lines.length;
}

/** Words that tell what is asked for, the most telling first. */
const TASKS: readonly (readonly [string, RegExp])[] = [
  ['translation', /\b(?:translate|translation|übersetz\w*|traduis|traduce)\b/i],
  ['summary', /\b(?:summari[sz]e|summary|tl;?dr|zusammenfass\w*|résume)\b/i],
  ['extraction', /\b(?:extract|parse out|list all the)\b/i],
  ['classification', /\b(?:classify|categori[sz]e|label (?:this|these|the)|sentiment)\b/i],
  ['math', /\b(?:prove|integral|derivative|equation|theorem|calculate|solve for)\b/i],
];

/** What kind of work the user's last words ask for: one of the words above, "code" or "chat". */
export function taskOf(text: string): string {
  const found = TASKS.find(([, pattern]) => pattern.test(text));
  if (found !== undefined) return found[0];
  return codeFraction(text) > 0.3 || /\b(?:refactor|debug|stack trace|unit test|compile[rs]?)\b/i.test(text)
    ? 'code'
    : 'chat';
}

/** How long a prompt is: "small" below 1,000 tokens, "large" from 20,000 on, else "medium". */
export function sizeOf(tokens: number): string {
  if (tokens < 1000) return 'small';
  return tokens < 20_000 ? 'medium' : 'large';
}

const REASONING_WORDS =
  /\b(?:why|prove|step by step|compare|trade-?offs?|design|analy[sz]e|optimi[sz]e|root cause)\b/gi;

/** A guess at how hard a request is, from 0 to 1, by its length, code, tools, turns and words. No model is asked. */
export function complexity(request: RequestView): number {
  const text = request.lastUserText;
  const score =
    0.3 * Math.min(request.estimatedInputTokens / 8000, 1) +
    0.2 * codeFraction(text) +
    0.15 * Math.min(request.toolCount / 8, 1) +
    0.1 * Math.min(request.messageCount / 20, 1) +
    0.25 * Math.min((text.match(REASONING_WORDS)?.length ?? 0) / 3, 1);
  return Math.min(score, 1);
}
