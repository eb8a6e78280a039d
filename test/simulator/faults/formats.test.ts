import { describe, expect, test } from 'vitest';
import { type Fetched, fetchRaw } from '../raw-client.ts';
import { simulate } from '../requests.ts';
import { type Asked, FORMATS, type Format, type Json, type SeenFrame } from './formats.ts';

// What a fault does it does in every format, by the bytes on the wire; where a format has nothing that it could strike, it
// is refused.

async function ask(format: Format, fault: string, asked: Asked): Promise<Fetched> {
  const { url } = await simulate();
  const headers = fault === '' ? {} : { 'x-sim-fault': fault };
  return fetchRaw(url, {
    path: format.path(asked.stream),
    body: format.body(asked),
    headers: { ...headers, authorization: 'Bearer any' },
  });
}

async function framesWith(format: Format, fault: string): Promise<readonly SeenFrame[]> {
  const answer = await ask(format, fault, { stream: true });
  expect([answer.status, answer.complete]).toEqual([200, true]);
  return format.frames(answer.body);
}

async function wholeWith(format: Format, fault: string, asked: Omit<Asked, 'stream'> = {}): Promise<Json> {
  const answer = await ask(format, fault, { ...asked, stream: false });
  expect([answer.status, answer.complete]).toEqual([200, true]);
  return JSON.parse(answer.body.toString());
}

function isJson(data: string): boolean {
  try {
    JSON.parse(data);
    return true;
  } catch {
    return data === '[DONE]';
  }
}

const jsons = (frames: readonly SeenFrame[]): readonly Json[] =>
  frames.map(({ data }) => (data === '[DONE]' ? {} : JSON.parse(data)));
const said = (values: readonly unknown[]) => values.filter((value) => value !== undefined && value !== null);
const kinds = (frames: readonly SeenFrame[]) => frames.map(({ event }) => event);

describe.each(FORMATS)('$name', (format) => {
  const tokensOf = (frames: readonly SeenFrame[]) => jsons(frames).map(format.tokensInFrame);
  const terminalAt = (frames: readonly SeenFrame[]) => frames.findIndex(format.terminal);

  test('without a fault says why it ended, what it took, and that it is over', async () => {
    const frames = await framesWith(format, '');
    expect(said(jsons(frames).map(format.whyInFrame))).toHaveLength(1);
    expect(Math.max(...tokensOf(frames).map((count) => count ?? 0))).toBeGreaterThan(5);
    expect(terminalAt(frames)).toBeGreaterThan(2);
    const whole = await wholeWith(format, '');
    expect(format.why(whole)).toBeTruthy();
    expect(format.tokens(whole)).toBeGreaterThan(5);
  });

  test('malformed: one frame is no JSON, and is of a kind that clients read', async () => {
    const usual = kinds(await framesWith(format, ''));
    const frames = await framesWith(format, 'malformed=4');
    expect(frames.map(({ data }) => isJson(data)).indexOf(false)).toBe(4);
    expect(frames).toHaveLength(usual.length + 1);
    expect(usual).toContain(frames[4]?.event);
    const { body } = await ask(format, 'malformed', { stream: false });
    expect(isJson(body.toString())).toBe(false);
  });

  test('empty-choices: lists without answers', async () => {
    expect(format.answers(await wholeWith(format, 'empty-choices'))).toEqual([]);
    if (format.answersInFrame === undefined) {
      expect((await ask(format, 'empty-choices', { stream: true })).status).toBe(400);
    } else {
      const lists = jsons(await framesWith(format, 'empty-choices')).map(format.answersInFrame);
      expect(lists.slice(0, 4).map((list) => list?.length)).toEqual([1, 0, 1, 0]);
    }
  });

  test('no-finish: nothing says why, and all else is as it was', async () => {
    const [usual, frames] = [await framesWith(format, ''), await framesWith(format, 'no-finish')];
    expect(said(jsons(frames).map(format.whyInFrame))).toEqual([]);
    expect(kinds(frames)).toEqual(kinds(usual));
    expect(tokensOf(frames)).toEqual(tokensOf(usual));
    const whole = await wholeWith(format, 'no-finish');
    expect(format.why(whole)).toBeUndefined();
    expect(format.answers(whole)).not.toEqual([]);
  });

  test('content-filter and a stop text are told in the words of the format', async () => {
    expect(format.why(await wholeWith(format, 'content-filter'))).toEqual(format.words.filter);
    const filtered = said(jsons(await framesWith(format, 'content-filter')).map(format.whyInFrame));
    expect(filtered).toEqual([format.words.filter]);
    const stopped = await wholeWith(format, '', { stop: ' capital' });
    expect(format.why(stopped)).toBe(format.words.stop);
    expect(JSON.stringify(format.answers(stopped)).includes('capital')).toBe(format.name === 'openai-responses');
  });

  test('usage-absent, usage-zero', async () => {
    expect(said(tokensOf(await framesWith(format, 'usage-absent'))).filter((count) => count !== 0)).toEqual([]);
    expect(format.tokens(await wholeWith(format, 'usage-absent'))).toBeFalsy();
    expect(said(tokensOf(await framesWith(format, 'usage-zero'))).at(-1)).toBe(0);
    expect(format.tokens(await wholeWith(format, 'usage-zero'))).toBe(0);
  });

  test('usage-duplicate, usage-first, usage-after-end, usage-spread', async () => {
    const usual = said(tokensOf(await framesWith(format, ''))).filter((count) => count !== 0);
    expect(usual).toHaveLength(1);
    const counted = (frames: readonly SeenFrame[]) => said(tokensOf(frames)).filter((count) => count !== 0);
    expect(counted(await framesWith(format, 'usage-duplicate'))).toEqual([...usual, ...usual]);
    const first = await framesWith(format, 'usage-first');
    expect(tokensOf(first)[0]).toBe(usual[0]);
    expect(counted(first)).toEqual(usual);
    const after = await framesWith(format, 'usage-after-end');
    expect(tokensOf(after).at(-1)).toBe(usual[0]);
    expect(counted(after)).toEqual(usual);
    expect(terminalAt(after)).toBeLessThan(after.length - 1);
    const spread = said(tokensOf(await framesWith(format, 'usage-spread'))).map(Number);
    expect(spread.length).toBeGreaterThan(1);
    expect(spread).toEqual(spread.toSorted((left, right) => left - right));
    expect(spread.at(-1)).toBe(usual[0]);
  });

  test('no-terminal: all but the terminal marker and what follows', async () => {
    const usual = await framesWith(format, '');
    const frames = await framesWith(format, 'no-terminal');
    expect(terminalAt(frames)).toBe(-1);
    expect(kinds(frames)).toEqual(kinds(usual).slice(0, terminalAt(usual)));
  });

  test('error-event, error-body and status: errors of the format', async () => {
    const frames = await framesWith(format, 'error-event=3');
    expect(frames).toHaveLength(4);
    expect(frames[3]?.data).toContain('Simulated fault: error event.');
    for (const [fault, status] of [
      ['error-body', 200],
      ['status=429', 429],
      ['status=529', 529],
    ] as const) {
      const answer = await ask(format, fault, { stream: false });
      expect(answer.status).toBe(status);
      expect(JSON.stringify(JSON.parse(answer.body.toString()))).toContain('Simulated fault');
    }
  });

  test('oversized-event, endless-event: too large, and in the right framing', async () => {
    const usual = await framesWith(format, '');
    const frames = await framesWith(format, 'oversized-event=1');
    expect(frames[1]?.data.length).toBeGreaterThan(1024 * 1024);
    expect(kinds(frames.toSpliced(1, 1))).toEqual(kinds(usual));
    const { body } = await ask(format, 'endless-event=1', { stream: true });
    expect(body.length).toBeGreaterThan(1024 * 1024);
    expect(body.subarray(-100).toString()).toBe('x'.repeat(100));
    expect(format.frames(body).filter(({ data }) => isJson(data))).toHaveLength(1);
  });

  test.each(['lines=crlf', 'bom', 'comments', 'no-space'])(
    '%s: another spelling of events, where they are text',
    async (fault) => {
      const plain = await ask(format, '', { stream: true });
      const answer = await ask(format, fault, { stream: true });
      if (format.name === 'bedrock-converse') expect(answer.status).toBe(400);
      else {
        expect(answer.status).toBe(200);
        expect(answer.body.equals(plain.body)).toBe(false);
      }
    },
  );

  test('split, gzip, content-type: the same bytes otherwise', async () => {
    const usual = await framesWith(format, '');
    const split = await ask(format, 'split', { stream: true });
    expect(Math.max(...split.chunks.map(({ length }) => length))).toBe(1);
    expect(kinds(format.frames(split.body))).toEqual(kinds(usual));
  });

  test.each([
    ['cut=3', true],
    ['cut=3;how=fin', false],
    ['reset=3', false],
    ['cut=3;inside=json', true],
    ['cut=3;inside=frame', true],
  ])('%s: three frames, then no more', async (fault, complete) => {
    const answer = await ask(format, fault, { stream: true });
    expect(answer.complete).toBe(complete);
    const whole = format.frames(answer.body).filter(({ data }) => isJson(data) && data !== '');
    expect(whole.length - 3).toBeGreaterThanOrEqual(0);
    expect(whole.length - 3).toBeLessThanOrEqual(fault.endsWith('frame') ? 1 : 0);
    expect(terminalAt(whole)).toBe(-1);
  });
});
