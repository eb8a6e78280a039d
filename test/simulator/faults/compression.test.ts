import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { valuesOf } from '../raw-client.ts';
import { chat } from '../requests.ts';
import { bare, decode, strike, usualFrames } from './strike.ts';

describe('compression', () => {
  test('a compressed stream has the same frames', async () => {
    const { answer } = await strike('gzip');
    expect(valuesOf(answer, 'content-encoding')).toEqual(['gzip']);
    expect(bare(await decode(gunzipSync(answer.body)))).toEqual(bare(await usualFrames()));
  });

  test('a compressed body and an empty one are whole', async () => {
    expect(JSON.parse(gunzipSync((await strike('gzip', chat())).answer.body).toString())).toHaveProperty('choices');
    expect(gunzipSync((await strike('empty-body,gzip')).answer.body).length).toBe(0);
  });

  test('a bomb unpacks to a thousand times its size and is still the answer', async () => {
    const { answer } = await strike('gzip-bomb=32', chat());
    const unpacked = gunzipSync(answer.body);
    expect(unpacked.length).toBeGreaterThan(32 * 1024 * 1024);
    expect(unpacked.length / answer.body.length).toBeGreaterThan(500);
    expect(JSON.parse(unpacked.toString())).toHaveProperty('choices');
  });
});
