import { describe, expect, test } from 'vitest';
import { WarningCode } from '../../gen/sluice/v1/decision_pb.ts';
import { checkLifecycle } from '../../server/pipeline/check-lifecycle.ts';
import { readBuiltInCatalogue } from '../../server/stores/file/catalogue-data.ts';
import { snapshotOf } from '../support/config.ts';

const KEYS = 'keys: [{id: app, secret: "env:K"}]';
const ENV = { K: 'sk-sluice-test-0123456789abcdefghijklmnopqrstuvwxyzABCD', OPENAI_API_KEY: 'k' };
const load = (yaml: string) =>
  snapshotOf(`${yaml}\n${KEYS}`, { env: ENV, more: { readCatalogue: readBuiltInCatalogue } });

const HOSTED = 'providers: [{name: o, preset: openai, credential: "env:OPENAI_API_KEY"}]';
const PROXIED =
  'providers: [{name: openai, preset: openai, base_url: "https://proxy.example/v1", credential: "env:OPENAI_API_KEY"}]';
const OWN = `${HOSTED}
models: [{provider: o, model: gpt-4-turbo, context_length: 5}, {provider: o, model: mine, retires: "2026-01-01", successor: gpt-5.4}]`;

/** What is said of a model on a day: warnings, or the refusal. */
async function said(yaml: string, model: string, day: string) {
  const snapshot = await load(yaml);
  const [provider] = snapshot.providers.values();
  if (provider === undefined) throw new Error('no provider');
  return checkLifecycle(snapshot, { provider, model }, Date.parse(`${day}T12:00:00Z`));
}

describe('a call to a model that its provider will end', () => {
  test('is warned before the last day, with the day and the successor', async () => {
    const [warning] = await said(HOSTED, 'gpt-5', '2026-11-24');
    expect(warning).toMatchObject({
      code: WarningCode.DEPRECATED,
      field: 'model',
      message: "openai's model gpt-5 will be retired on 2026-12-11. Its successor is gpt-6.1-sol.",
    });
  });

  test('is refused afterwards, and the error names the successor for people and for programs', async () => {
    await expect(said(HOSTED, 'gpt-4-turbo-2024-04-09', '2026-11-24')).rejects.toMatchObject({
      reason: 'MODEL_NOT_FOUND',
      message: "openai's model gpt-4-turbo was retired on 2026-10-23. Its successor is gpt-5.6-sol.",
      metadata: { model: 'o/gpt-4-turbo-2024-04-09', successor: 'gpt-5.6-sol' },
    });
  });

  test('goes through at an address of the operator: what is behind it is not known', async () => {
    expect(await said(PROXIED, 'gpt-4-turbo', '2026-11-24')).toEqual([]);
  });

  test("goes through where the operator's own card says nothing of an end", async () => {
    expect(await said(OWN, 'gpt-4-turbo', '2026-11-24')).toEqual([]);
  });

  test("is refused where the operator's own card says so", async () => {
    await expect(said(OWN, 'mine', '2026-11-24')).rejects.toMatchObject({ metadata: { successor: 'gpt-5.4' } });
  });

  test('of which nothing is known goes through', async () => {
    expect(await said(HOSTED, 'gpt-1000', '2026-11-24')).toEqual([]);
  });
});
