import { describe, expect, test } from 'vitest';
import { chat } from '../requests.ts';
import { bare, decode, strike, usualFrames } from './strike.ts';

describe('framing that means the same', () => {
  test.each([
    'split',
    'split=3',
    'lines=crlf',
    'lines=cr',
    'lines=lf',
    'bom',
    'comments',
    'multi-line',
    'no-space',
    'no-space,lines=crlf,split',
    'comments,bom,multi-line,lines=cr,split=2',
  ])('%s', async (fault) => {
    const { answer } = await strike(fault);
    expect(answer.complete).toBe(true);
    expect(bare(await decode(answer.body))).toEqual(bare(await usualFrames()));
  });

  test('is seen on the wire', async () => {
    const text = async (fault: string) => (await strike(fault)).answer.body.toString();
    expect((await strike('split')).answer.chunks.every((chunk) => chunk.length === 1)).toBe(true);
    expect(await text('lines=crlf')).not.toMatch(/[^\r]\n/);
    expect(await text('lines=cr')).not.toMatch(/\n/);
    expect((await strike('bom')).answer.body.subarray(0, 3)).toEqual(Buffer.of(0xef, 0xbb, 0xbf));
    expect(await text('comments')).toMatch(/^: SIMULATED PROCESSING\n\n:\ndata: /);
    expect(await text('multi-line')).toMatch(/^data: \{\ndata: ?\ndata: "/);
    expect(await text('no-space')).toMatch(/^data:\{/);
  });

  test('of an answer in one piece is the same JSON', async () => {
    const { answer } = await strike('split=5', chat());
    expect(JSON.parse(answer.body.toString())).toHaveProperty('choices');
  });
});
