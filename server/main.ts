import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type Provider, ProviderSchema } from '../gen/sluice/config/v1/config_pb.ts';
import { createApp } from './app.ts';
import { createKeyBook } from './auth/key-book.ts';
import { openConfigKeeper, type ReloadResult } from './config/config-keeper.ts';
import type { ConfigSourceName } from './config/config-revision-store.ts';
import { type LoadConfigResult, loadConfigText, readConfigText } from './config/load-config.ts';
import { formatProblem, type Problem } from './config/problems.ts';
import { createSecretResolver } from './config/secret-resolver.ts';
import { watchConfig } from './config/watch-config.ts';
import { systemClock } from './core/clock.ts';
import { systemRandom } from './core/random.ts';
import type { Secret } from './core/secret.ts';
import { LIMITS } from './listener/limits.ts';
import { createLiveCalls } from './pipeline/live-call.ts';
import { isLoopback, readSettings, type Settings } from './settings.ts';
import { shutDown } from './shutdown.ts';
import { type Simulator, startSimulator } from './simulator/simulator.ts';
import { readBuiltInCatalogue } from './stores/file/catalogue-data.ts';
import { type FirstKey, loadOrCreateKey } from './stores/file/key-file.ts';
import { createMemoryLedger } from './stores/memory/memory-ledger.ts';
import { createSqliteDatabase, DATABASE_FILE } from './stores/sqlite/database.ts';
import { readLatestRevision } from './stores/sqlite/read-latest-revision.ts';
import { createSqliteConfigRevisions } from './stores/sqlite/sqlite-config-revisions.ts';
import { createSqliteKeys } from './stores/sqlite/sqlite-keys.ts';
import { describeError } from './telemetry/describe-error.ts';
import { createJsonLogger } from './telemetry/logger.ts';
import { startOtlpExport } from './telemetry/metrics/otlp-export.ts';
import { withAuthorization } from './upstream/auth/authorize.ts';
import { postJson } from './upstream/post-json.ts';
import { createUndiciUpstream } from './upstream/undici-upstream.ts';

/** What findings call a configuration that an RPC brought. */
const APPLIED = 'applied configuration';

const logger = createJsonLogger({ write: (line) => process.stderr.write(line), now: () => Date.now() });

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Ends the process before it serves anything, with what is wrong and nothing else. */
function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}

/** All that is wrong, and the way out where the file is not what is wrong. */
function refusalOf(problems: readonly Problem[]): string {
  const lines = problems.map(formatProblem);
  if (problems.some(({ file }) => file === APPLIED)) {
    lines.push(
      'To start with the file instead, change it: any change, a comment too, puts what was applied out of force.',
    );
  }
  return lines.join('\n');
}

function settingsOrRefuse(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    return refuse(describe(error));
  }
}

const settings = settingsOrRefuse();
const configPath = settings.configPath ?? (existsSync('sluice.yaml') ? 'sluice.yaml' : undefined);
const readText = (path: string): Promise<string> => readFile(path, 'utf8');

let simulator: Simulator | undefined;
let firstKey: FirstKey | undefined;

/** The provider for those who have none yet. Started only when it is needed. */
async function simulatedProvider(): Promise<Provider> {
  simulator ??= await startSimulator();
  return create(ProviderSchema, {
    name: 'simulator',
    dialect: 'openai-chat',
    baseUrl: `${simulator.url}/v1`,
    allowPrivateAddress: true,
    models: ['simulated-chat', 'simulated-reasoning', 'simulated-embedding'],
  });
}

/** What the first load may bring in for newcomers, a later one may not: it would lock out everybody who has a key. */
let newcomer = true;

const load = async (source: ConfigSourceName, text: string): Promise<LoadConfigResult> =>
  loadConfigText(
    {
      env: process.env,
      readFile: readText,
      resolver: createSecretResolver({ env: process.env, readFile: readText }),
      nowMs: Date.now(),
      readCatalogue: readBuiltInCatalogue,
      builtInProvider: async () => {
        if (newcomer || simulator !== undefined) return simulatedProvider();
        throw new Error('none is left, and the simulator does not step in for real ones');
      },
      firstKey: async () => {
        if (!newcomer && firstKey === undefined) throw new Error('none is left, so nobody could call any more');
        firstKey ??= await loadOrCreateKey(settings.dataDir);
        return firstKey.record;
      },
    },
    { file: source === 'FILE' ? configPath : APPLIED, text },
  );

const databasePath = join(settings.dataDir, DATABASE_FILE);
const database = createSqliteDatabase(databasePath);
const opened = await openConfigKeeper({
  readFile: () => readConfigText(configPath, readText),
  load,
  store: createSqliteConfigRevisions(database),
  latest: await readLatestRevision(databasePath).catch((error: unknown) => refuse(describe(error))),
  clock: systemClock,
  onUnrecorded: (error) =>
    logger.error('the configuration in force is not in its history', { cause: describeError(error) }),
});
newcomer = false;
const keyStore = createSqliteKeys(database);
// Where nothing is stored, SQLite is not even loaded.
const storedKeys = existsSync(databasePath)
  ? await keyStore.all().catch((error: unknown) => refuse(describe(error)))
  : [];
if (opened.kind === 'bad') refuse(refusalOf(opened.problems));
const { keeper } = opened;
if (firstKey !== undefined && !isLoopback(settings.host)) {
  refuse(
    `SLUICE_LISTEN is ${settings.host}, which others can reach: that needs keys of your own in the configuration.`,
  );
}

const pem = (path: string): Promise<string> => readText(path).catch((error: unknown) => refuse(describe(error)));

const { holder } = keeper;
const liveCalls = createLiveCalls(systemClock);
const upstream = withAuthorization(createUndiciUpstream({ connectionsPerOrigin: LIMITS.connectionsPerProvider }), {
  clock: systemClock,
  random: systemRandom,
  env: process.env,
  readFile: readText,
  homeFolder: process.env.HOME ?? process.env.USERPROFILE ?? '/',
  report: ({ message }) => logger.warn('a credential cannot be had', { problem: message }),
});
const app = await createApp({
  config: holder,
  keeper,
  keys: createKeyBook(keyStore, systemClock, storedKeys),
  ledger: createMemoryLedger(),
  clock: systemClock,
  random: systemRandom,
  upstream,
  liveCalls,
  logger,
  ...(settings.tls === undefined
    ? {}
    : { tls: { cert: await pem(settings.tls.certPath), key: await pem(settings.tls.keyPath) } }),
});

const address = await app.port
  .listen(settings.host, settings.port)
  .catch((error: unknown) => refuse(`${settings.host}:${settings.port}: ${describe(error)}`));
app.readiness.ready = true;
const otlp =
  settings.otlp &&
  startOtlpExport(
    {
      clock: systemClock,
      logger,
      read: app.metrics.read,
      post: ({ url, headers }, body) => postJson(upstream, { url, headers, body }),
    },
    settings.otlp,
  );
if (opened.replaced !== undefined) reportReplaced(opened.replaced);

const watch =
  configPath === undefined
    ? undefined
    : watchConfig({ path: configPath, load: keeper.reload, clock: systemClock, report: reportReload });

function reportReload(result: ReloadResult): void {
  if (result.kind === 'ok') {
    const { revision, source, replaced } = result;
    logger.info('configuration loaded', { revision, source });
    if (replaced !== undefined) reportReplaced(replaced);
  }
  for (const problem of result.kind === 'bad' ? result.problems : []) {
    logger.error('configuration refused, the old one stays', { problem: formatProblem(problem) });
  }
}

/** Somebody applied a configuration, and somebody else changed the file: the first must be able to find out. */
function reportReplaced(revision: string): void {
  logger.warn('the file has changed, so what was applied is no longer in force', { applied_revision: revision });
}

/** What a new user needs: where, with which key, and a line to paste. */
function greet(): void {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const url = `${settings.tls === undefined ? 'http' : 'https'}://${host}:${address.port}`;
  const key: Secret | undefined = firstKey?.created;
  const snapshot = holder.current();
  const model = [...snapshot.routes.keys()][0] ?? exampleModel();
  const origin = keeper.inForce().source === 'APPLIED' ? 'applied over ' : '';
  console.log(
    `Sluice listens on ${url} (configuration: ${origin}${configPath ?? 'built in'}, revision ${snapshot.revision})`,
  );
  console.log(`Providers: ${[...snapshot.providers.keys()].join(', ')}`);
  if (simulator !== undefined) {
    console.log('No provider is configured, so the built-in simulator answers. Its answers are made up.');
  }
  if (key !== undefined) console.log(`Key, shown this once: ${key.reveal()}`);
  else if (firstKey !== undefined) {
    console.log(`Key: the one made at the first start. To make another, delete ${settings.dataDir}/keys.json.`);
  }
  if (model === undefined) return;
  console.log(
    `curl ${url}/v1/chat/completions -H "authorization: Bearer ${key?.reveal() ?? '$SLUICE_API_KEY'}" -H 'content-type: application/json' -d '${JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })}'`,
  );
}

function exampleModel(): string | undefined {
  for (const provider of holder.current().providers.values()) {
    if (provider.models[0] !== undefined) return `${provider.name}/${provider.models[0]}`;
  }
  return undefined;
}

let stopping = false;

async function stop(signal: NodeJS.Signals): Promise<void> {
  // Twice means at once.
  if (stopping) process.exit(1);
  stopping = true;
  logger.info('stopping', { signal, calls: liveCalls.size });
  watch?.close();
  // Timers of the gateway do not keep the process alive; this one does until the end.
  const alive = setInterval(() => {}, 60_000);
  await shutDown({ app, liveCalls, clock: systemClock }, settings);
  await otlp?.stop();
  await upstream.close();
  await simulator?.close();
  await database.close();
  clearInterval(alive);
  logger.info('stopped');
  process.exit(0);
}

// With a file, the watch reloads it; without one there is nothing to load, and the signal must not end the process.
process.on('SIGHUP', () => watch ?? logger.info('no configuration file to load again'));
process.on('SIGTERM', (signal) => void stop(signal));
process.on('SIGINT', (signal) => void stop(signal));
process.on('unhandledRejection', (reason) => logger.error('unhandled rejection', { cause: describeError(reason) }));
greet();
