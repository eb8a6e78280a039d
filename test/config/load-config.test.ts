import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { ProviderSchema } from '../../gen/sluice/config/v1/config_pb.ts';
import { PRESETS } from '../../server/providers/presets.ts';
import { complaintsOf, loadText, snapshotOf } from '../support/config.ts';

const sha256 = (key: string): Buffer => createHash('sha256').update(key).digest();
const SMALLEST = `
providers:
  - name: replay
    dialect: openai-chat
    base_url: http://127.0.0.1:9000/v1/
    credential: env:UPSTREAM_KEY
    allow_private_address: true
routes:
  - {name: fast, targets: [{provider: replay, model: some-model}]}
keys:
  - {id: app, secret: env:APP_KEY}
`;
const env = { UPSTREAM_KEY: 'up', APP_KEY: 'sk-app' };

describe('the smallest configuration', () => {
  test('becomes a provider with its key in the header that carries it', async () => {
    const { providers } = await snapshotOf(SMALLEST, { env });
    const replay = providers.get('replay');
    expect(replay).toMatchObject({
      name: 'replay',
      dialect: 'openai-chat',
      embeddingDialect: 'openai-embeddings',
      baseUrl: 'http://127.0.0.1:9000/v1',
      allowPrivateAddress: true,
      quirks: {},
      models: [],
    });
    expect([...(replay?.headers ?? [])].map(([name, value]) => [name, value.reveal()])).toEqual([
      ['authorization', 'Bearer up'],
    ]);
  });

  test('becomes a route with the defaults that the contract names', async () => {
    const { routes, directRoute } = await snapshotOf(SMALLEST, { env });
    const retry = {
      maxAttemptsPerTarget: 3,
      backoffBaseMs: 250,
      backoffMaxMs: 8_000,
      jitter: 'full',
      honorRetryAfter: true,
      maxRetryAfterMs: 20_000,
      budget: { percent: 20, minConcurrency: 3 },
    };
    const outliers = {
      consecutiveFailures: 5,
      failureRatio: 0.5,
      minRequests: 20,
      windowMs: 60_000,
      baseEjectionMs: 15_000,
      maxEjectionMs: 300_000,
      maxEjectionPercent: 50,
    };
    const timeouts = {
      totalMs: 600_000,
      perTryMs: 600_000,
      firstContentMs: 120_000,
      idleMs: 60_000,
      connectMs: 10_000,
    };
    expect(routes.get('fast')).toEqual({
      name: 'fast',
      targets: [{ name: 'replay/some-model', provider: 'replay', model: 'some-model' }],
      retry,
      timeouts,
      outliers,
    });
    expect(directRoute).toEqual({ retry, timeouts, outliers });
  });

  test('becomes a key that is found by its hash', async () => {
    const { keys } = await snapshotOf(SMALLEST, { env });
    expect(keys.size).toBe(1);
    expect(keys.find(sha256('sk-app'))).toEqual({
      keyId: 'app',
      metadata: undefined,
      role: 'INFERENCE',
      projectId: 'default',
    });
    expect(keys.find(sha256('sk-other'))).toBeUndefined();
  });

  test('may as well be written as JSON', async () => {
    const json = JSON.stringify({
      providers: [{ name: 'a', dialect: 'openai-chat', base_url: 'https://a.example', models: ['m'] }],
      routes: [{ name: 'r', targets: [{ provider: 'a', model: 'm' }], timeouts: { total: '90s' } }],
    });
    const { routes, providers } = await snapshotOf(json);
    expect(routes.get('r')?.timeouts).toMatchObject({ totalMs: 90_000, perTryMs: 90_000 });
    expect(providers.get('a')?.models).toEqual(['m']);
  });
});

describe('a route', () => {
  const providers = 'providers: [{name: a, dialect: openai-chat, base_url: https://a.example}]\n';

  test('with several targets tries each once, unless told otherwise', async () => {
    const two = 'targets: [{provider: a, model: x}, {name: spare, provider: a, model: y}]';
    const { routes } = await snapshotOf(
      `${providers}routes:\n  - {name: r, ${two}}\n  - {name: s, ${two}, retry: {max_attempts_per_target: 5}}`,
    );
    expect(routes.get('r')?.retry.maxAttemptsPerTarget).toBe(1);
    expect(routes.get('s')?.retry.maxAttemptsPerTarget).toBe(5);
    expect(routes.get('r')?.targets.map(({ name }) => name)).toEqual(['a/x', 'spare']);
  });

  test('takes every setting as written', async () => {
    const { routes } = await snapshotOf(`${providers}
routes:
  - name: r
    targets: [{provider: a, model: x}]
    retry:
      backoff: {base: 1.5s, max: 1m, jitter: NONE}
      honor_retry_after: false
      max_retry_after: 0s
    timeouts: {total: 1h, per_try: 5m, ttft: 250ms, stream_idle: 1.25s, connect: 2s}
`);
    expect(routes.get('r')).toMatchObject({
      retry: { backoffBaseMs: 1_500, backoffMaxMs: 60_000, jitter: 'none', honorRetryAfter: false, maxRetryAfterMs: 0 },
      timeouts: { totalMs: 3_600_000, perTryMs: 300_000, firstContentMs: 250, idleMs: 1_250, connectMs: 2_000 },
    });
  });

  test('may be named like an address', async () => {
    const { routes } = await snapshotOf(`${providers}routes: [{name: a/x, targets: [{provider: a, model: y}]}]`);
    expect(routes.get('a/x')?.targets[0]?.model).toBe('y');
  });

  test('cannot be changed by the calls that use it', async () => {
    const snapshot = await snapshotOf(`${providers}routes: [{name: r, targets: [{provider: a, model: y}]}]`);
    const route = snapshot.routes.get('r');
    for (const part of [snapshot, route, route?.targets, route?.targets[0], route?.retry, route?.timeouts]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('a provider by its preset', () => {
  test('takes what the file leaves out from the preset, its key from the usual variable', async () => {
    const { providers } = await snapshotOf('providers: [{name: fast, preset: groq}]', { env: { GROQ_API_KEY: 'gk' } });
    const groq = PRESETS.get('groq');
    expect(providers.get('fast')).toMatchObject({
      baseUrl: groq?.baseUrl,
      quirks: groq?.quirks,
      dialect: groq?.dialect,
    });
    expect(providers.get('fast')?.embeddingDialect).toBeUndefined();
    expect(providers.get('fast')?.headers.get('authorization')?.reveal()).toBe('Bearer gk');
  });

  test('takes the second usual variable where the first is not set', async () => {
    const { providers } = await snapshotOf('providers: [{name: d, preset: deepinfra}]', {
      env: { DEEPINFRA_TOKEN: 't' },
    });
    expect(providers.get('d')?.headers.get('authorization')?.reveal()).toBe('Bearer t');
  });

  test('lets the file go before the preset', async () => {
    const { providers } = await snapshotOf(
      'providers: [{name: m, preset: mistral, base_url: https://eu.example/v1, credential: file:/k, models: [x]}]',
      { env: { MISTRAL_API_KEY: 'not this' }, files: { '/k': 'from-file\n' } },
    );
    expect(providers.get('m')).toMatchObject({ baseUrl: 'https://eu.example/v1', models: ['x'] });
    expect(providers.get('m')?.headers.get('authorization')?.reveal()).toBe('Bearer from-file');
  });

  test('of a local server needs no key and may be private', async () => {
    const { providers } = await snapshotOf('providers: [{name: ollama, preset: ollama}]');
    expect(providers.get('ollama')).toMatchObject({ baseUrl: 'http://127.0.0.1:11434/v1', allowPrivateAddress: true });
    expect(providers.get('ollama')?.headers.size).toBe(0);
  });
});

describe('how a key is sent', () => {
  const provider = (more: string) =>
    `providers: [{name: a, dialect: openai-chat, base_url: https://a.example, ${more}}]`;

  test.each([
    ['BEARER', 'authorization', 'Bearer k'],
    ['AUTH_SCHEME_BEARER', 'authorization', 'Bearer k'],
    ['X_API_KEY', 'x-api-key', 'k'],
    ['API_KEY', 'api-key', 'k'],
  ])('follows auth_scheme: %s', async (scheme, name, value) => {
    const text = provider(`credential: env:K, auth_scheme: ${scheme}`);
    const { providers } = await snapshotOf(text, { env: { K: 'k' } });
    const headers = providers.get('a')?.headers ?? new Map();
    expect([...headers].map(([key, secret]) => [key, secret.reveal()])).toEqual([[name, value]]);
  });

  test('is beside headers of the file, whose values may stand elsewhere', async () => {
    const text = provider('credential: env:K, headers: {X-Team: blue, X-Token: "env:T"}');
    const { providers } = await snapshotOf(text, { env: { K: 'k', T: 't' } });
    const headers = [...(providers.get('a')?.headers ?? [])].map(([key, secret]) => [key, secret.reveal()]);
    expect(Object.fromEntries(headers)).toEqual({ 'x-team': 'blue', 'x-token': 't', authorization: 'Bearer k' });
  });

  test('is not at all with auth_scheme: NONE, even where the usual variable is set', async () => {
    const text = 'providers: [{name: a, preset: openai, auth_scheme: NONE}]';
    const { providers } = await snapshotOf(text, { env: { OPENAI_API_KEY: 'k' } });
    expect(providers.get('a')?.headers.size).toBe(0);
  });
});

describe('without a file', () => {
  const none = { path: undefined };

  test('the providers are those whose usual variable is set, and a single one takes bare model names', async () => {
    const snapshot = await snapshotOf('# nothing', { env: { XAI_API_KEY: 'x', GROQ_API_KEY: '' }, more: none });
    expect([...snapshot.providers.keys()]).toEqual(['xai']);
    expect(snapshot.bareModelProvider).toBe('xai');
  });

  test('of several providers, none takes bare model names', async () => {
    const snapshot = await snapshotOf('# nothing', { env: { XAI_API_KEY: 'x', GROQ_API_KEY: 'g' }, more: none });
    expect([...snapshot.providers.keys()]).toEqual(['xai', 'groq']);
    expect(snapshot.bareModelProvider).toBeUndefined();
  });

  test('and without variables, the built-in provider stands in', async () => {
    const simulator = create(ProviderSchema, {
      name: 'simulator',
      dialect: 'openai-chat',
      baseUrl: 'http://127.0.0.1:1',
    });
    const snapshot = await snapshotOf('# nothing', { more: { ...none, builtInProvider: async () => simulator } });
    expect([...snapshot.providers.keys()]).toEqual(['simulator']);
    expect(snapshot.bareModelProvider).toBe('simulator');
  });

  test('a local server is used only where a file names it', async () => {
    const snapshot = await snapshotOf('# nothing', { env: { OLLAMA_HOST: '127.0.0.1' }, more: none });
    expect(snapshot.providers.size).toBe(0);
  });
});

describe('a file without providers', () => {
  test('routes to those of the environment; a bare model name still needs a route', async () => {
    const text = 'routes: [{name: fast, targets: [{provider: groq, model: m}]}]';
    const snapshot = await snapshotOf(text, { env: { GROQ_API_KEY: 'g' } });
    expect([...snapshot.providers.keys()]).toEqual(['groq']);
    expect(snapshot.bareModelProvider).toBeUndefined();
  });

  test.each(['\n# nothing yet\n', '{}', 'providers:\nroutes:\n', '---\n'])('may be as empty as %j', async (text) => {
    expect(await complaintsOf(text)).toEqual([]);
  });
});

describe('the first key', () => {
  const firstKey = async () => ({
    principal: { keyId: 'first', metadata: undefined, role: 'ADMIN' as const },
    sha256: sha256('sk-first'),
  });

  test('stands where the file names none', async () => {
    const { keys } = await snapshotOf('# nothing', { more: { firstKey } });
    expect(keys.find(sha256('sk-first'))?.keyId).toBe('first');
  });

  test('is not asked for where the file names one, or is wrong', async () => {
    const never = async () => {
      throw new Error('asked');
    };
    await snapshotOf(SMALLEST, { env, more: { firstKey: never } });
    expect(await complaintsOf('foo: 1', { more: { firstKey: never } })).toHaveLength(1);
  });

  test('that cannot be had is a problem, not a crash', async () => {
    const broken = async () => {
      throw new Error('keys.json is broken');
    };
    expect(await complaintsOf('# nothing', { more: { firstKey: broken } })).toEqual([
      'sluice.yaml:1:1 keys: keys.json is broken',
    ]);
  });
});

test('a built-in provider that cannot be had is a problem, not a crash', async () => {
  const builtInProvider = async () => {
    throw new Error('no port is free');
  };
  expect(await complaintsOf('# nothing', { more: { builtInProvider } })).toEqual([
    'sluice.yaml:1:1 providers: no port is free',
  ]);
});

describe('the revision', () => {
  test('is the same for the same content, however it is spelt', async () => {
    const one = await snapshotOf(SMALLEST, { env });
    const respelt = `# other words
keys: [{secret: "env:APP_KEY", id: app}]
routes: [{name: fast, targets: [{model: some-model, provider: replay}]}]
providers: [{base_url: "http://127.0.0.1:9000/v1/", name: replay, dialect: openai-chat, credential: "env:UPSTREAM_KEY", allow_private_address: true}]`;
    expect(one.revision).toMatch(/^[0-9a-f]{16}$/);
    expect((await snapshotOf(respelt, { env })).revision).toBe(one.revision);
  });

  test('tells nothing of secrets, and differs with anything else', async () => {
    const one = await snapshotOf(SMALLEST, { env });
    const otherSecret = await snapshotOf(SMALLEST, { env: { ...env, APP_KEY: 'sk-other' } });
    const otherModel = await snapshotOf(SMALLEST.replace('some-model', 'other-model'), { env });
    expect(otherSecret.revision).toBe(one.revision);
    expect(otherModel.revision).not.toBe(one.revision);
  });

  test('is not that of the order in which a mapping is written', async () => {
    const text = (headers: string) =>
      `providers: [{name: a, dialect: openai-chat, base_url: https://a.example, headers: ${headers}}]`;
    const [one, two] = await Promise.all([
      snapshotOf(text('{x-a: "1", x-b: "2"}')),
      snapshotOf(text('{x-b: "2", x-a: "1"}')),
    ]);
    expect(one?.revision).toBe(two?.revision);
  });
});

test('a file that cannot be read is a problem that leaves out what the system says', async () => {
  const result = await loadText('# nothing', { more: { path: 'gone.yaml' } });
  expect(result).toEqual({
    kind: 'bad',
    problems: [{ file: 'gone.yaml', line: 1, column: 1, path: '', message: 'The file cannot be read (ENOENT).' }],
  });
});

test('an empty file, as there is one for a moment while a file is written anew, is a problem', async () => {
  expect(await complaintsOf(' \n')).toEqual(['sluice.yaml:1:1 The file is empty.']);
});
