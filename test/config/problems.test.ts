import { describe, expect, test } from 'vitest';
import { complaintsOf, problemsOf } from '../support/config.ts';

const PROVIDER = 'providers: [{name: a, dialect: openai-chat, base_url: https://a.example}]\n';
const provider = (more: string): string => `providers:\n  - name: a\n    dialect: openai-chat\n    ${more}\n`;
const BASE = 'base_url: https://a.example';

test('every problem is told at once, in the order of the file', async () => {
  const text = `
providers:
  - name: replay
    dialect: openai-chatt
    base_url: https://a.example
    credential: sk-live-do-not-show
    allow_private_address: yes
  - {name: groq}
  - just text
routes:
  - name: fast
    targets: [{provider: replya, model: 1}]
    retry: {backoff: {base: 250, jitter: full, max: 1x}}
  - {name: fast, targets: []}
keys:
  - {id: app}
  - {id: b, secret: env:GONE}
nonsense: 1
`;
  expect(await complaintsOf(text)).toEqual([
    'sluice.yaml:4:5 providers[0].dialect: must be one of openai-chat, openai-responses, openai-completions, anthropic-messages, gemini, bedrock-converse, cohere',
    'sluice.yaml:6:5 providers[0].credential: must be a reference, env:NAME or file:path; the value itself never stands here',
    'sluice.yaml:7:5 providers[0].allow_private_address: must be true or false, without quotes',
    'sluice.yaml:8:5 providers[1].dialect: is missing: give a dialect; for the built-in provider write preset: groq',
    'sluice.yaml:8:5 providers[1].base_url: is missing: give a base_url; for the built-in provider write preset: groq',
    'sluice.yaml:9:5 providers[2]: must be a mapping of fields',
    'sluice.yaml:12:16 routes[0].targets[0].provider: no provider is named "replya"; did you mean "replay"?',
    'sluice.yaml:12:34 routes[0].targets[0].model: must be text: put the value in quotes',
    'sluice.yaml:13:23 routes[0].retry.backoff.base: needs a unit, as in 250ms, 10s, 5m, 1h or 30d',
    'sluice.yaml:13:34 routes[0].retry.backoff.jitter: must be one of FULL, NONE; did you mean "FULL"?',
    'sluice.yaml:13:48 routes[0].retry.backoff.max: must be a duration such as 250ms, 10s, 5m, 1h or 30d',
    'sluice.yaml:14:6 routes[1].name: "fast" is taken by routes[0]',
    'sluice.yaml:14:18 routes[1].targets: must have at least one item',
    'sluice.yaml:16:5 keys[0].secret: is missing: give the key by secret or by hash',
    'sluice.yaml:17:13 keys[1].secret: the environment variable GONE is not set',
    'sluice.yaml:18:1 nonsense: is not a known field; the fields here are providers, routes, keys, cors, models, catalogue_files',
  ]);
});

describe('what is no YAML', () => {
  test.each([
    ['a tab as indentation', 'keys:\n\t- id: a', '2:1 Tabs cannot indent YAML: use spaces.'],
    [
      'a second document',
      'keys: []\n---\nroutes: []',
      '2:1 A configuration is one document: leave out the second "---".',
    ],
    ['a list that is not closed', 'keys: [1, 2', '1:12 This is not YAML: Flow sequence'],
    ['a quote that is not closed', 'keys: "x', '1:9 This is not YAML: Missing closing "quote'],
    ['a tag', 'keys: !!js/function x', '1:7 This is not YAML: Unresolved tag'],
    ['a key that is no text', '? [a]\n: b', '1:3 Names of fields must be plain text.'],
    ['nesting without end', '['.repeat(100_000), 'Lists and mappings are nested too deeply.'],
    ['a file without end', '#'.repeat(9_000_000), 'The file is longer than 8388608 characters.'],
  ])('%s', async (_, text, complaint) => {
    const complaints = await complaintsOf(text);
    expect(complaints[0]).toContain(complaint);
    expect(complaints.length).toBeLessThan(3);
  });
});

describe('what is YAML and no configuration', () => {
  test.each([
    ['a list as the whole', '- a', '1:1 must be a mapping of fields, not a list'],
    ['a text as the whole', 'hello', '1:1 must be a mapping of fields'],
    ['a mapping where a list belongs', 'keys: {id: a}', '1:1 keys: must be a list, not a mapping'],
    [
      'a list where a value belongs',
      `${provider(BASE)}    credential: [x]`,
      '5:5 providers[0].credential: must be a single value, not a list',
    ],
    ['a field twice', 'keys: []\nroutes: []\nkeys: []', '3:1 keys: stands twice in the same mapping'],
    [
      'an item that is empty',
      `${provider(BASE)}    models:\n      - a\n      -`,
      '7:8 providers[0].models[1]: must not be empty',
    ],
    [
      'another spelling of a field',
      provider('baseUrl: https://a.example'),
      '4:5 providers[0].baseUrl: is not a known field; did you mean "base_url"?',
    ],
    ['a field with a typing mistake', 'provders: []', '1:1 provders: is not a known field; did you mean "providers"?'],
    [
      'a name that is a number',
      'keys: [{id: 123, secret: env:K}]',
      '1:9 keys[0].id: must be text: put the value in quotes',
    ],
    [
      'a number in quotes',
      `${PROVIDER}routes: [{name: r, targets: [{provider: a, model: m}], retry: {max_attempts_per_target: "2"}}]`,
      'must be a whole number from 0 to 4294967295, without quotes',
    ],
    [
      'half an attempt',
      `${PROVIDER}routes: [{name: r, targets: [{provider: a, model: m}], retry: {max_attempts_per_target: 1.5}}]`,
      'must be a whole number',
    ],
    [
      'too many attempts',
      `${PROVIDER}routes: [{name: r, targets: [{provider: a, model: m}], retry: {max_attempts_per_target: 12}}]`,
      'must be greater than or equal to 1 and less than or equal to 11',
    ],
    [
      'no time at all',
      `${PROVIDER}routes: [{name: r, targets: [{provider: a, model: m}], timeouts: {total: 0s}}]`,
      '2:67 routes[0].timeouts.total: must be greater than 0s',
    ],
    [
      'a negative time',
      `${PROVIDER}routes: [{name: r, targets: [{provider: a, model: m}], timeouts: {total: -1s}}]`,
      'must be a duration such as 250ms',
    ],
    ['half a character', 'keys: [{id: "\\ud800", secret: env:K}]', '1:9 keys[0].id: holds half a character'],
    ['half a character in a name', `${provider(BASE)}    headers: {"\\ud800": a}`, 'is a name with half a character'],
    ['an alias without an anchor', 'keys: *none', '1:1 keys: names an anchor that is not set before it'],
    [
      'an enum by its number',
      `${provider(BASE)}    auth_scheme: 1`,
      '5:5 providers[0].auth_scheme: must be one of BEARER, X_API_KEY, API_KEY, NONE',
    ],
    [
      'an enum that is unspecified',
      `${provider(BASE)}    auth_scheme: UNSPECIFIED`,
      '5:5 providers[0].auth_scheme: must be one of BEARER',
    ],
  ])('%s', async (_, text, complaint) => {
    const complaints = await complaintsOf(text, { env: { K: 'k' } });
    expect(complaints.find((line) => line.includes(complaint)) ?? complaints).toContain(complaint);
  });
});

describe('a provider', () => {
  test.each([
    ['without a shape', 'providers: [{name: a}]', 'providers[0].dialect: is missing: give a dialect, or a preset'],
    [
      'of an unknown preset',
      'providers: [{name: a, preset: grok}]',
      'preset: no built-in provider is named "grok"; did you mean "groq"?',
    ],
    [
      'of a preset that is near none',
      'providers: [{name: a, preset: acmecorp}]',
      'no built-in provider is named "acmecorp"; known are openai, ',
    ],
    [
      'without the key that its preset needs',
      'providers: [{name: a, preset: groq}]',
      'providers[0].credential: is missing, and the environment variable GROQ_API_KEY is not set',
    ],
    ['at no URL', provider('base_url: a.example/v1'), 'base_url: must be a URL such as'],
    [
      'at a URL of another kind',
      provider('base_url: ftp://a.example'),
      'base_url: must begin with https:// or http://',
    ],
    [
      'at a URL with a password',
      provider('base_url: https://u:hunter2@a.example'),
      'base_url: must not hold a user or password',
    ],
    [
      'at a URL with a query',
      provider('base_url: https://a.example/v1?key=hunter2'),
      'base_url: must not hold a query',
    ],
    ['at a URL with an empty query', provider('base_url: https://a.example/v1?'), 'base_url: must not hold a query'],
    [
      'at a URL with a fragment',
      provider('base_url: "https://a.example/#x"'),
      'base_url: must not hold a query or a fragment',
    ],
    [
      'with a key and NONE',
      provider(`${BASE}\n    credential: env:K\n    auth_scheme: NONE`),
      'auth_scheme: NONE sends no key',
    ],
    [
      'with a way to send no key',
      provider(`${BASE}\n    auth_scheme: X_API_KEY`),
      'auth_scheme: tells how a key is sent',
    ],
    ['that sets host', provider(`${BASE}\n    headers: {Host: b}`), 'headers["Host"]: is set by Sluice itself'],
    ['that sets a header twice', provider(`${BASE}\n    headers: {x-a: b, X-A: c}`), 'headers["X-A"]: stands twice'],
    [
      'that sets the header of its key',
      provider(`${BASE}\n    credential: env:K\n    headers: {Authorization: c}`),
      `headers["Authorization"]: carries the provider's key`,
    ],
    [
      'with a line break in a header',
      provider(`${BASE}\n    headers: {x-a: "b\\nc: d"}`),
      'headers["x-a"]: is not a value that a header can carry',
    ],
    [
      'with a header that is no name',
      provider(`${BASE}\n    headers: {"x a": b}`),
      'headers["x a"]: must be a header name',
    ],
    [
      'with a line break in its key',
      provider(`${BASE}\n    credential: env:BROKEN`),
      'credential: env:BROKEN is not a value that a header can carry',
    ],
    [
      'of a name that is taken',
      `${provider(BASE)}  - {name: a, dialect: openai-chat, ${BASE}}`,
      'providers[1].name: "a" is taken by providers[0]',
    ],
    [
      'of a name that is no name',
      'providers: [{name: A/b, preset: ollama}]',
      'providers[0].name: must begin with a lower-case letter or a digit',
    ],
  ])('%s is refused', async (_, text, complaint) => {
    const complaints = await complaintsOf(text, { env: { K: 'k', BROKEN: 'a\nb' } });
    expect(complaints.join('\n')).toContain(complaint);
  });
});

describe('a key', () => {
  const HASH = `sha256:${'0a'.repeat(32)}`;

  test.each([
    ['given in no way', 'keys: [{id: a}]', 'keys[0].secret: is missing: give the key by secret or by hash'],
    ['given in two ways', `keys: [{id: a, secret: env:K, hash: "${HASH}"}]`, 'keys[0].hash: stands beside secret'],
    [
      'that another is too',
      'keys: [{id: a, secret: env:K}, {id: b, secret: env:SAME}]',
      'keys[1]: is the same key as keys[0]',
    ],
    [
      'whose hash another has too',
      `keys: [{id: a, hash: "${HASH}"}, {id: b, hash: "${HASH}"}]`,
      'keys[1]: is the same key as keys[0]',
    ],
    [
      'whose id is taken',
      `keys: [{id: a, secret: env:K}, {id: a, hash: "${HASH}"}]`,
      'keys[1].id: "a" is taken by keys[0]',
    ],
    [
      'whose hash is none',
      'keys: [{id: a, hash: "sha256:12"}]',
      'keys[0].hash: must be sha256: and 64 hexadecimal digits',
    ],
    [
      'whose variable is empty',
      'keys: [{id: a, secret: env:EMPTY}]',
      'keys[0].secret: the environment variable EMPTY is empty',
    ],
    [
      'whose file is missing',
      'keys: [{id: a, secret: file:/gone}]',
      'keys[0].secret: the file /gone cannot be read (ENOENT)',
    ],
    ['whose file is empty', 'keys: [{id: a, secret: file:/empty}]', 'keys[0].secret: the file /empty is empty'],
  ])('%s is refused', async (_, text, complaint) => {
    const complaints = await complaintsOf(text, { env: { K: 'k', SAME: 'k', EMPTY: '' }, files: { '/empty': '\n' } });
    expect(complaints.join('\n')).toContain(complaint);
    expect(complaints).toHaveLength(1);
  });
});

describe('an origin', () => {
  test.each(['https://app.example.com', 'http://localhost:3000', '*'])('%s may stand', async (origin) => {
    expect(await complaintsOf(`cors: {allowed_origins: ["${origin}"]}`)).toEqual([]);
  });

  test.each(['https://app.example.com/', 'app.example.com', 'https://*.example.com/x', 'null', 'file:///x'])(
    '%s is refused',
    async (origin) => {
      const complaints = await complaintsOf(`cors: {allowed_origins: ["${origin}"]}`);
      expect(complaints.join()).toContain('cors.allowed_origins[0]: must be an origin');
    },
  );

  test('of any kind must stand alone', async () => {
    const complaints = await complaintsOf('cors: {allowed_origins: ["https://a.example", "*"]}');
    expect(complaints).toEqual([
      'sluice.yaml:1:47 cors.allowed_origins[1]: "*" allows any origin, so it must stand alone',
    ]);
  });
});

describe('a problem', () => {
  test('never shows what may be a secret', async () => {
    const secret = 'hunter2hunter2';
    const text = `
providers:
  - name: a
    dialect: ${secret}
    base_url: https://user:${secret}@a.example/?k=${secret}
    credential: ${secret}
    headers: {x-key: "${secret}\\n", x-other: env:BROKEN}
keys:
  - {id: a, secret: ${secret}}
  - {id: b, hash: ${secret}}
  - {id: c, secret: env:BROKEN}
  - {id: d, secret: file:/broken}
`;
    const bench = { env: { BROKEN: `${secret}\n` }, files: { '/broken': `\n${secret}` } };
    const problems = await problemsOf(text, bench);
    expect(problems).toHaveLength(9);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });

  test('about a field is told once, and not of what a broken field holds', async () => {
    expect(await complaintsOf('providers: [{name: "", preset: ollama}, 5]')).toEqual([
      'sluice.yaml:1:14 providers[0].name: is missing',
      'sluice.yaml:1:41 providers[1]: must be a mapping of fields',
    ]);
  });
});

describe('anchors and aliases', () => {
  test('save writing the same thing twice', async () => {
    const text = `
providers: [{name: a, dialect: openai-chat, base_url: https://a.example}]
routes:
  - {name: r, targets: &both [{provider: a, model: x}, {provider: a, model: y}]}
  - {name: s, targets: *both}
`;
    expect(await complaintsOf(text)).toEqual([]);
  });

  test('that multiply one another are stopped', async () => {
    const models = `[${Array.from({ length: 5_000 }, () => 'm').join(', ')}]`;
    const more = Array.from({ length: 999 }, () => '  - *p').join('\n');
    const text = `providers:\n  - &p {name: a, dialect: openai-chat, base_url: https://a.example, models: ${models}}\n${more}`;
    const complaints = await complaintsOf(text);
    expect(complaints.join('\n')).toContain('holds more than 300000 values');
  });

  test('that lead back to themselves end', async () => {
    const complaints = await complaintsOf('routes: &r\n  - *r\n');
    expect(complaints).toEqual(['sluice.yaml:2:5 routes[0]: must be a mapping of fields, not a list']);
  });
});
