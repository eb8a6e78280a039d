import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { valuesOf } from '../raw-client.ts';
import { chat } from '../requests.ts';
import { strike } from './strike.ts';

describe('headers', () => {
  test('a wrong content-type', async () => {
    expect(valuesOf((await strike('content-type')).answer, 'content-type')).toEqual(['text/plain']);
    expect(valuesOf((await strike('content-type=none')).answer, 'content-type')).toEqual([]);
  });

  test('a content-encoding that the body does not have', async () => {
    const { answer } = await strike('wrong-encoding', chat());
    expect(valuesOf(answer, 'content-encoding')).toEqual(['gzip']);
    expect(() => gunzipSync(answer.body)).toThrow();
  });

  test('headers that come twice', async () => {
    const { answer } = await strike('duplicate-headers');
    expect(valuesOf(answer, 'content-type')).toHaveLength(2);
    expect(valuesOf(answer, 'x-request-id')).toHaveLength(2);
    expect(valuesOf(answer, 'retry-after')).toEqual(['1', '86400']);
  });
});
