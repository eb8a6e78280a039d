import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../support/config.ts';

const KEYS = 'keys: [{id: a, secret: "env:KEY"}]';
const env = { KEY: 'sk-sluice-test-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG', OPENAI_API_KEY: 'sk-openai' };

describe('the preset openai', () => {
  it.each(['openai-responses', 'openai-completions'])(
    "serves with the dialect %s, by the file's word",
    async (dialect) => {
      const snapshot = await snapshotOf(`providers: [{name: o, preset: openai, dialect: ${dialect}}]\n${KEYS}`, {
        env,
      });
      const provider = snapshot.providers.get('o');
      expect(provider).toMatchObject({ dialect, baseUrl: 'https://api.openai.com/v1' });
      expect(provider?.headers.get('authorization')?.reveal()).toBe('Bearer sk-openai');
    },
  );

  it('embeds all the same beside responses', async () => {
    const snapshot = await snapshotOf(`providers: [{name: o, preset: openai, dialect: openai-responses}]\n${KEYS}`, {
      env,
    });
    expect(snapshot.providers.get('o')?.embeddingDialect).toBe('openai-embeddings');
  });
});
