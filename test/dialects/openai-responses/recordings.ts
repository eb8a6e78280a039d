import { existsSync, readdirSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../../../shared/fixtures/recorded/', import.meta.url);

const AREAS = ['openai-responses', 'azure', 'xai-responses', 'open-responses-responses'];

/** Chat answers in a folder of responses. */
const OTHER_FORMATS = /azure-deepseek/;

export const hasFixtures = existsSync(ROOT);
/** Stands in the titles of what is skipped. */
export const FIXTURES_NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';

function filesOf(ending: string): { readonly name: string; readonly text: string }[] {
  if (!hasFixtures) return [];
  return AREAS.flatMap((area) => {
    const folder = new URL(`${area}/`, ROOT);
    return readdirSync(folder)
      .filter((file) => file.endsWith(ending) && !OTHER_FORMATS.test(file))
      .map((file) => ({ name: `${area}/${file}`, text: readFileSync(new URL(file, folder), 'utf8') }));
  });
}

const bodies = filesOf('.json');
const isError = (text: string): boolean => !('output' in JSON.parse(text));

export const answers = bodies.filter(({ text }) => !isError(text));
export const refusals = bodies.filter(({ text }) => isError(text));

const recorded = filesOf('.chunks.txt').map(({ name, text }) => ({
  name,
  chunks: text.split('\n').filter((line) => line.trim() !== ''),
}));

/** A recording may hold several whole answers one after the other: each is a stream of its own. */
function split(chunks: readonly string[]): string[][] {
  const starts = chunks.flatMap((chunk, at) => (JSON.parse(chunk).type === 'response.created' ? [at] : []));
  return starts.map((start, nth) => chunks.slice(start, starts[nth + 1]));
}

/** Recordings whose deltas add up to another text than their own whole: it was edited by hand. */
const AT_ODDS = /openai-shell-container/;

export const streams = recorded
  .filter(({ name }) => !AT_ODDS.test(name))
  .flatMap(({ name, chunks }) => split(chunks).map((part, nth) => ({ name: `${name}#${nth}`, chunks: part })))
  .filter(({ chunks }) => chunks.some((chunk) => JSON.parse(chunk).type === 'response.completed'));

export const failed = recorded.filter(({ chunks }) => chunks.some((chunk) => JSON.parse(chunk).type === 'error'));
export const spliced = recorded.filter(({ chunks }) => split(chunks).length > 1);
