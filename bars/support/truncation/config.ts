import { DOOR_MARK, GOOD_MODEL } from './broken-provider.ts';
import type { CorpusEntry } from './corpus.ts';
import { DOORS, type Door } from './doors.ts';
import { type Dialect, isBinary } from './streams.ts';

/** What follows the address in each format's base URL. */
const BASE_PATH: Readonly<Record<Dialect, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  'anthropic-messages': '/v1',
  gemini: '/v1beta',
  'bedrock-converse': '',
  cohere: '',
};

/** A provider of each format at an address, and the good one, as lines of sluice.yaml; keyName is an environment variable. */
export function providerRows(url: string, keyName: string): string[] {
  const row = (name: string, dialect: Dialect): string => {
    const auth = isBinary(dialect) ? `, auth_scheme: BEARER, credential: "env:${keyName}"` : '';
    return `  - {name: ${name}, dialect: ${dialect}, base_url: "${url}${BASE_PATH[dialect]}", allow_private_address: true${auth}}`;
  };
  const rows = Object.keys(BASE_PATH).map((dialect) => row(dialect, dialect as Dialect));
  return [...rows, row('good', 'openai-chat')];
}

/**
 * Of each answer a route with its provider alone, and for each door one with the good provider behind it. Each has a model of
 * its own: a target that limited the rate rests for a while, which is not what is looked at.
 */
export function routeRows(entries: readonly CorpusEntry[]): string {
  const rows = entries.flatMap(({ id, dialect }) => {
    const broken = (suffix: string): string => `{provider: ${dialect}, model: "${id}${suffix}"}`;
    const good = `{provider: good, model: ${GOOD_MODEL}}`;
    const rest = 'retry: {max_attempts_per_target: 1}';
    const alone = `  - {name: ${aloneRoute(id)}, targets: [${broken('')}], ${rest}}`;
    const others = DOORS.map(
      (door) => `  - {name: ${otherRoute(id, door)}, targets: [${broken(`${DOOR_MARK}${door}`)}, ${good}], ${rest}}`,
    );
    return [alone, ...others];
  });
  return `routes:\n${rows.join('\n')}`;
}

export function aloneRoute(id: string): string {
  return `alone-${id}`;
}

export function otherRoute(id: string, door: Door): string {
  return `other-${id}-${door}`;
}
