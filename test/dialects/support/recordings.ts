import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const ROOT = new URL('../../../../shared/fixtures/', import.meta.url);
const OPENAPI = new URL('../../../../shared/openapi/openai.json', import.meta.url);

const AREAS = [
  'openai-compatible-chat',
  'groq',
  'deepseek-chat',
  'mistral',
  'xai',
  'moonshotai',
  'alibaba',
  'perplexity',
  'azure',
];

/** Those of an area that are of another API. */
const OTHERS = /transcription|^azure-(?!deepseek)|^openai-/;

export interface Recording {
  readonly name: string;
  readonly area: string;
  readonly text: string;
}

export interface StreamRecording {
  readonly name: string;
  readonly area: string;
  /** The data of each event, without [DONE]. */
  readonly chunks: readonly string[];
}

export const hasFixtures = existsSync(ROOT);
/** Stands in the titles of what is skipped. */
export const FIXTURES_NOTE = hasFixtures ? '' : ' (skipped: no recordings at ../shared/fixtures)';
export const hasOpenApi = existsSync(OPENAPI);
export const OPENAPI_NOTE = hasOpenApi ? '' : ' (skipped: no schema at ../shared/openapi/openai.json)';

function filesOf(area: string, ending: string): { name: string; area: string; text: string }[] {
  if (!hasFixtures) return [];
  const folder = new URL(`recorded/${area}/`, ROOT);
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending) && !OTHERS.test(file))
    .map((file) => ({ name: `${area}/${file}`, area, text: readFileSync(new URL(file, folder), 'utf8') }));
}

export const answers: readonly Recording[] = AREAS.flatMap((area) => filesOf(area, '.json'));

export const streams: readonly StreamRecording[] = AREAS.flatMap((area) =>
  filesOf(area, '.chunks.txt').map(({ name, text }) => ({
    name,
    area,
    chunks: text.split('\n').filter((line) => line.trim() !== ''),
  })),
);

export const voyage: readonly Recording[] = filesOf('voyage', '.json');

export interface Exchange {
  readonly name: string;
  readonly request: string;
  readonly status: number;
  readonly response: string;
}

/** Pairs of requests and answers of OpenAI itself. */
export const cassettes: readonly Exchange[] = hasFixtures
  ? readdirSync(new URL('cassettes/', ROOT))
      .filter((file) => /^(chat|embeddings)-/.test(file))
      .flatMap((file) => {
        const { interactions } = parse(readFileSync(new URL(`cassettes/${file}`, ROOT), 'utf8'));
        return interactions.map((one: { request: { body: string }; response: { body: string; code: number } }) => ({
          name: file,
          request: one.request.body,
          status: one.response.code,
          response: one.response.body,
        }));
      })
  : [];

export function openApi(): Record<string, unknown> {
  return JSON.parse(readFileSync(OPENAPI, 'utf8'));
}
