import type { Frame } from '../dialects/dialect.ts';

const LINE_END = /\r\n|\r|\n/;

/** A frame as one event of text/event-stream. Line ends within the data become lines of data, as the format has it. */
export function encodeSseFrame({ event, data }: Frame): string {
  if (event === '') return `${lines('data: ', data)}\n`;
  const name = hasLineEnd(event) ? event.split(LINE_END).join(' ') : event;
  return `event: ${name}\n${lines('data: ', data)}\n`;
}

/** A comment, which readers skip: it keeps an idle stream open. */
export function encodeSseComment(text: string): string {
  return `${lines(': ', text)}\n`;
}

function hasLineEnd(text: string): boolean {
  return text.includes('\n') || text.includes('\r');
}

function lines(prefix: string, text: string): string {
  if (!hasLineEnd(text)) return `${prefix}${text}\n`;
  return text
    .split(LINE_END)
    .map((line) => `${prefix}${line}\n`)
    .join('');
}
