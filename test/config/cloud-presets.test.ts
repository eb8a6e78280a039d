import { describe, expect, test } from 'vitest';
import { complaintsOf, snapshotOf } from '../support/config.ts';

const env = { AZURE_OPENAI_API_KEY: 'azure-key' };
const one = (fields: string): string => `providers:\n  - {name: a, ${fields}}\n`;

async function provider(fields: string) {
  return (await snapshotOf(one(fields), { env })).providers.get('a');
}

async function complaints(fields: string): Promise<readonly string[]> {
  return (await complaintsOf(one(fields), { env })).map((text) => text.replace(/^\S+ /, ''));
}

describe('the preset azure', () => {
  const AZURE = 'preset: azure, base_url: "https://r.openai.azure.com/"';

  test('is called at the API without versions, with its key in api-key', async () => {
    const azure = await provider(AZURE);
    expect(azure).toMatchObject({
      baseUrl: 'https://r.openai.azure.com',
      quirks: { paths: { chat: '/openai/v1/chat/completions', embeddings: '/openai/v1/embeddings' } },
      dialect: 'openai-chat',
      auth: undefined,
    });
    expect(azure?.headers.get('api-key')?.reveal()).toBe('azure-key');
  });

  test('is called by deployment where a version is named', async () => {
    expect((await provider(`${AZURE}, api_version: 2024-10-21`))?.quirks.paths).toMatchObject({
      chat: '/openai/deployments/{model}/chat/completions?api-version=2024-10-21',
      embeddings: '/openai/deployments/{model}/embeddings?api-version=2024-10-21',
    });
  });

  test('takes tokens of Entra instead of its key', async () => {
    const azure = await provider(
      `${AZURE}, auth_scheme: ENTRA, credential: "env:AZURE_OPENAI_API_KEY", entra: {tenant_id: t, client_id: c}`,
    );
    expect(azure?.auth).toMatchObject({ kind: 'entra', tenantId: 't' });
    expect(azure?.headers.has('api-key')).toBe(false);
  });

  test('does not start by its usual variable alone, since its address is not known', async () => {
    const snapshot = await snapshotOf('# nothing', { env, more: { path: undefined } });
    expect(snapshot.providers.size).toBe(0);
  });

  test.each(['https://r.openai.azure.com/openai/v1/', 'https://r.openai.azure.com/openai/deployments/gpt'])(
    'refuses the base URL %s, copied with the path that Sluice adds',
    async (url) => {
      expect(await complaints(`preset: azure, base_url: "${url}"`)).toEqual([
        'providers[0].base_url: must end before /openai, which Sluice adds, as in https://<resource>.openai.azure.com',
      ]);
    },
  );

  test('takes the other formats of OpenAI, and refuses those that it has no path for', async () => {
    expect((await provider(`${AZURE}, dialect: openai-responses`))?.quirks.paths?.responses).toBe(
      '/openai/v1/responses',
    );
    expect(await complaints(`${AZURE}, dialect: openai-completions`)).toEqual([]);
    expect(await complaints(`${AZURE}, dialect: gemini`)).toEqual([
      'providers[0].dialect: preset azure has no path for it: leave the preset out',
    ]);
  });
});

test.each([
  ['azure', 'https://<resource>.openai.azure.com'],
  ['vertex', '/publishers/google'],
  ['vertex-anthropic', '/publishers/anthropic'],
])('the preset %s tells the form of the base URL that it needs', async (preset, form) => {
  const found = await complaints(`preset: ${preset}`);
  const told = found.find((text) => text.startsWith('providers[0].base_url: is missing: it is your own there, as in '));
  expect(told).toContain(form);
});

test('api_version is refused where nothing bears it', async () => {
  expect(await complaints('preset: openai, credential: "env:AZURE_OPENAI_API_KEY", api_version: "1"')).toEqual([
    'providers[0].api_version: is only for preset: azure',
  ]);
});
