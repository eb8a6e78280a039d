import type { Frame } from '../dialects/dialect.ts';

const LINE_END = /\r\n|\r|\n/;

/** A frame as one event of text/event-stream. Line ends within the data become lines of data, as the format has it. */
export function encodeSseFrame({ event, data }: Frame): string {
  const name = event === '' ? '' : `event: ${event.split(LINE_END).join(' ')}\n`;
  return `${name}${lines('data: ', data)}\n`;
}

/** A comment, which readers skip: it keeps an idle stream open. */
export function encodeSseComment(text: string): string {
  return `${lines(': ', text)}\n`;
}

function lines(prefix: string, text: string): string {
  if (!text.includes('\n') && !text.includes('\r')) return `${prefix}${text}\n`;
  return text
    .split(LINE_END)
    .map((line) => `${prefix}${line}\n`)
    .join('');
}
