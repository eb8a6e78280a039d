import { describe, expect, test } from 'vitest';
import { complaintsOf, snapshotOf } from '../support/config.ts';

const HEAD = `providers: [{name: mine, dialect: openai-chat, base_url: "https://models.example/v1"}]
keys: [{id: app, secret: "env:K"}]
`;
const bench = { env: { K: 'sk-sluice-test-0123456789abcdefghijklmnopqrstuvwxyzABCD' } };
const complaints = (yaml: string, files = {}) => complaintsOf(HEAD + yaml, { ...bench, files });
const find = async (yaml: string, model: string, files = {}) => {
  const { catalogue } = await snapshotOf(HEAD + yaml, { ...bench, files });
  return catalogue.find({ provider: 'mine', preset: undefined }, model)?.card;
};

describe('models of a configuration', () => {
  test('have prices in dollars, which become whole nano-dollars exactly', async () => {
    const card = await find(
      'models: [{provider: mine, model: m, prices: [{input: "0.1", output: "0.000000001"}]}]',
      'm',
    );
    expect(card?.prices).toMatchObject([{ source: 'the configuration', rates: { input: 100_000_000n, output: 1n } }]);
  });

  test('distinguish what is free from what is not known', async () => {
    const card = await find('models: [{provider: mine, model: m, prices: [{input: "0"}]}]', 'm');
    expect(card?.prices[0]?.rates).toEqual({ input: 0n });
  });

  test('may come from files, and an entry goes before a file', async () => {
    const file = JSON.stringify({ provider: 'mine', models: [{ id: 'm', context_length: 5 }, { id: 'n' }] });
    const yaml = 'catalogue_files: [more.json]\nmodels: [{provider: mine, model: m, context_length: 7}]';
    expect((await find(yaml, 'm', { 'more.json': file }))?.contextLength).toBe(7);
    expect((await find(yaml, 'n', { 'more.json': file }))?.id).toBe('n');
  });
});

describe('what is wrong with models is told with its place', () => {
  test.each([
    [
      'models: [{provider: mien, model: m}]',
      'models[0].provider: no provider and no preset is named "mien"; did you mean "mine"?',
    ],
    [
      'models: [{provider: mine, model: m}, {provider: mine, model: n, aliases: [m]}]',
      'models[1].model: "mine/m" stands twice',
    ],
    [
      'models: [{provider: mine, model: m, retires: "2026-02-30"}]',
      'models[0].retires: must be a day, as in 2026-03-13',
    ],
    ['models: [{provider: mine, model: m, retires: soon}]', 'models[0].retires: must be a day, as in "2026-03-13"'],
    [
      'models: [{provider: mine, model: m, prices: [{input: cheap}]}]',
      'models[0].prices[0].input: must be US dollars with at most 9 decimals, below a million, as in "0.075"',
    ],
    [
      'models: [{provider: mine, model: m, prices: [{input: 0.5}]}]',
      'models[0].prices[0].input: must be text: put the value in quotes',
    ],
    [
      'models: [{provider: mine, model: m, prices: [{input: "1"}, {input: "2"}]}]',
      'models[0].prices[1].from: is the day of another price',
    ],
    [
      'models: [{provider: mine, model: m, capabilities: {fly: true}}]',
      'models[0].capabilities["fly"]: must be one of assistant_prefill, audio, audio_output',
    ],
    ['catalogue_files: [nowhere.json]', 'catalogue_files[0]: cannot be read'],
    ['catalogue_files: [bad.json]', 'catalogue_files[0]: is no catalogue: models[0].id is missing'],
  ])('%s', async (yaml, problem) => {
    const told = await complaints(yaml, { 'bad.json': '{"provider": "mine", "models": [{}]}' });
    expect(told.join('\n')).toContain(problem);
  });
});

test('a catalogue file whose content changes makes another revision', async () => {
  const text = `${HEAD}catalogue_files: [own.json]\n`;
  const file = JSON.stringify({ provider: 'mine', models: [{ id: 'm' }] });
  const revisions = await Promise.all(
    [file, `${file} `].map(
      async (content) => (await snapshotOf(text, { ...bench, files: { 'own.json': content } })).revision,
    ),
  );
  expect(revisions[0]).not.toBe(revisions[1]);
});
