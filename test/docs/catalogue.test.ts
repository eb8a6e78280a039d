import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../server/catalogue/catalogue-file.ts';
import { CAPABILITIES, FEE_NAMES, RATE_NAMES } from '../../server/catalogue/model-card.ts';
import { snapshotOf } from '../support/config.ts';

const text = readFileSync(path.join(import.meta.dirname, '../../docs/catalogue.md'), 'utf8');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(text)?.[1] ?? '';

describe('docs/catalogue.md', () => {
  test('its file is a valid catalogue', () => {
    expect(parseCatalogue(block('json'))).toMatchObject({ problems: [], providers: [{ cards: [{ id: 'gpt-x' }] }] });
  });

  test('its configuration loads as it stands', async () => {
    const { catalogue } = await snapshotOf(block('yaml'), {
      env: { MINE_KEY: 'k', OPENAI_API_KEY: 'k' },
      files: { 'imported.json': block('json') },
    });
    const find = (provider: string, model: string) => catalogue.find({ provider, preset: undefined }, model)?.card;
    expect(find('mine', 'llama')).toMatchObject({ id: 'llama-4-70b', prices: [{}, { from: '2027-01-01' }] });
    expect(find('openai', 'gpt-x')).toBeDefined();
  });

  test.each([...CAPABILITIES, ...RATE_NAMES, ...FEE_NAMES])('explains %s', (name) => {
    expect(text).toContain(`\`${name}\``);
  });
});
