import { createHash } from 'node:crypto';
import { type Config, KeyRole } from '../../gen/sluice/config/v1/config_pb.ts';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type {
  ConfigRevisionEntry,
  ConfigRevisionRecord,
  ConfigRevisionStore,
  ConfigSourceName,
  Sequenced,
} from './config-revision-store.ts';
import type { BadConfig, LoadConfigResult, LoadedConfig } from './load-config.ts';
import type { SnapshotHolder } from './snapshot.ts';
import { createSnapshotHolder } from './snapshot-holder.ts';

/** The configuration that calls are served from. */
export interface ConfigInForce extends LoadedConfig, ConfigRevisionEntry {
  /** Its place in the history; undefined where that does not hold it. */
  readonly sequence: number | undefined;
}

/** What came of loading: another configuration is in force, or the old one stays. */
export type ReloadResult =
  | ({
      readonly kind: 'ok';
      /** The applied revision that the file's change has put out of force. */
      readonly replaced: string | undefined;
    } & ConfigInForce)
  | BadConfig;

/** A text to put in force. */
export interface NewConfig {
  readonly yaml: string;
  /** The revision that must be in force; empty: any. */
  readonly expectedRevision: string;
  /** Whether nothing shall happen. */
  readonly dryRun: boolean;
  readonly keyId: string;
}

export type ChangeResult =
  | { readonly kind: 'ok'; readonly before: ConfigInForce; readonly after: ConfigInForce }
  | { readonly kind: 'stale'; readonly revision: string }
  | BadConfig;

/** Holds the configuration in force; the only one to change it. Changes come one after another. */
export interface ConfigKeeper {
  readonly holder: SnapshotHolder;
  inForce(): ConfigInForce;
  /** Reads the file again, and puts it in force where its text has changed; else what is in force is loaded anew. Never rejects. */
  reload(): Promise<ReloadResult>;
  /** Puts a text in force, once it is stored. Rejects with STORE_UNAVAILABLE alone. */
  change(next: NewConfig): Promise<ChangeResult>;
  /** What would come of putting a text in force. Never rejects. */
  check(yaml: string): Promise<LoadConfigResult>;
  readonly store: ConfigRevisionStore;
}

export interface ConfigKeeperDeps {
  /** The file's text; the empty text where no file configures Sluice. Never rejects. */
  readonly readFile: () => Promise<{ readonly kind: 'ok'; readonly text: string } | BadConfig>;
  /** Compiles a text. Never rejects. */
  readonly load: (source: ConfigSourceName, text: string) => Promise<LoadConfigResult>;
  readonly store: ConfigRevisionStore;
  /** The newest record of the store. */
  readonly latest: (ConfigRevisionRecord & Sequenced) | undefined;
  readonly clock: Clock;
  /** Told where a file that is in force could not be written into the history. */
  readonly onUnrecorded: (error: unknown) => void;
}

/**
 * Loads the configuration for the first time: what was applied last, where the file's text is still the one that it was
 * applied over, else the file (docs/decisions/0010). Never rejects.
 */
export async function openConfigKeeper(
  deps: ConfigKeeperDeps,
): Promise<{ readonly kind: 'ok'; readonly keeper: ConfigKeeper; readonly replaced: string | undefined } | BadConfig> {
  const file = await deps.readFile();
  if (file.kind === 'bad') return file;
  const { latest } = deps;
  const fileSha256 = digestOf(file.text);
  const applied = latest?.source === 'APPLIED' ? latest : undefined;
  const entry = applied?.fileSha256 === fileSha256 ? applied : undefined;
  const loaded = await deps.load(entry === undefined ? 'FILE' : 'APPLIED', entry?.yaml ?? file.text);
  if (loaded.kind === 'bad') return loaded;
  const fromFile = latest?.source === 'FILE' && latest.yaml === file.text ? latest : undefined;
  const first = inForceOf(deps, loaded, entry ?? fromFile ?? { source: 'FILE' });
  const keeper = createKeeper(deps, { inForce: first, fileSha256, last: latest?.sequence ?? 0 });
  return { kind: 'ok', keeper, replaced: entry === undefined ? applied?.revision : undefined };
}

interface KeeperState {
  inForce: ConfigInForce;
  /** Of the text that the file had when it was last right. */
  fileSha256: string;
  /** The place of the newest record. */
  last: number;
}

function createKeeper(deps: ConfigKeeperDeps, state: KeeperState): ConfigKeeper {
  const holder = createSnapshotHolder(state.inForce.snapshot);
  const inTurn = createQueue();
  const putInForce = (next: ConfigInForce): void => {
    state.inForce = next;
    holder.swap(next.snapshot);
  };
  // A file that replaces what was applied must stay in force after a restart too, even if it changes back by then.
  const recordFile = (): Promise<void> => inTurn(() => recordInForce(deps, state));
  if (state.last > 0 && state.inForce.sequence === undefined) void recordFile();
  return {
    holder,
    store: deps.store,
    inForce: () => state.inForce,
    check: (yaml) => loadNew(deps, sourceOf(state, yaml), yaml),
    reload: () =>
      inTurn(async () => {
        const result = await reloadOnce(deps, state);
        if (result.kind === 'bad') return result;
        putInForce(result);
        if (result.sequence === undefined && state.last > 0) await recordInForce(deps, state);
        return result;
      }),
    change: (next) =>
      inTurn(async () => {
        const result = await changeOnce(deps, state, next);
        if (result.kind !== 'ok' || next.dryRun || result.after === state.inForce) return result;
        putInForce(result.after);
        return result;
      }),
  };
}

/** Runs one after another what it is given. */
function createQueue(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run);
    last = next.catch(() => undefined);
    return next;
  };
}

async function reloadOnce(deps: ConfigKeeperDeps, state: KeeperState): Promise<ReloadResult> {
  const file = await deps.readFile();
  if (file.kind === 'bad') return file;
  const { inForce } = state;
  const fileSha256 = digestOf(file.text);
  if (fileSha256 === state.fileSha256) {
    const loaded = await deps.load(inForce.source, inForce.text);
    if (loaded.kind === 'bad') return loaded;
    return { kind: 'ok', ...inForceOf(deps, loaded, inForce), replaced: undefined };
  }
  const loaded = await deps.load('FILE', file.text);
  if (loaded.kind === 'bad') return loaded;
  state.fileSha256 = fileSha256;
  const replaced = inForce.source === 'APPLIED' ? inForce.revision : undefined;
  return { kind: 'ok', ...inForceOf(deps, loaded, { source: 'FILE' }), replaced };
}

async function changeOnce(deps: ConfigKeeperDeps, state: KeeperState, next: NewConfig): Promise<ChangeResult> {
  const before = state.inForce;
  if (next.expectedRevision !== '' && next.expectedRevision !== before.revision) {
    return { kind: 'stale', revision: before.revision };
  }
  const source = sourceOf(state, next.yaml);
  const loaded = await loadNew(deps, source, next.yaml);
  if (loaded.kind === 'bad') return loaded;
  const { revision } = loaded.snapshot;
  if (revision === before.revision && next.yaml === before.text) return { kind: 'ok', before, after: before };
  const after = inForceOf(deps, loaded, { source, keyId: next.keyId });
  if (next.dryRun) return { kind: 'ok', before, after };
  const replaced = before.sequence === undefined ? [recordOf(before, state)] : [];
  const sequence = await append(deps, state, [...replaced, recordOf(after, state)]);
  return { kind: 'ok', before, after: { ...after, sequence } };
}

/** The file's own text is the file again, not something that goes before it. */
function sourceOf({ fileSha256 }: KeeperState, yaml: string): ConfigSourceName {
  return digestOf(yaml) === fileSha256 ? 'FILE' : 'APPLIED';
}

/**
 * A text that has been loaded, with what is known of how it came in force. The same text can mean another configuration than
 * when it was recorded, where the environment or a catalogue file has changed: that is a new revision.
 */
function inForceOf(
  { clock }: ConfigKeeperDeps,
  { snapshot, config, text }: LoadedConfig,
  known: Partial<ConfigRevisionEntry> & { readonly source: ConfigSourceName; readonly sequence?: number | undefined },
): ConfigInForce {
  const { revision } = snapshot;
  const same = known.revision === revision;
  return {
    snapshot,
    config,
    text,
    revision,
    source: known.source,
    keyId: known.keyId ?? '',
    createdAtMs: (same ? known.createdAtMs : undefined) ?? clock.now(),
    sequence: same ? known.sequence : undefined,
  };
}

/** Loads a text that a caller brings. One that nobody could replace by another call is not taken. */
async function loadNew(deps: ConfigKeeperDeps, source: ConfigSourceName, yaml: string): Promise<LoadConfigResult> {
  const loaded = await deps.load(source, yaml);
  if (loaded.kind === 'bad' || source === 'FILE' || hasAdmin(loaded.config)) return loaded;
  const message = 'none would have the role ADMIN, so that no call could change the configuration any more';
  return { kind: 'bad', problems: [{ file: 'configuration', line: 1, column: 1, path: 'keys', message }] };
}

/** Without keys of its own, a configuration has the key of the first start, which is one. */
function hasAdmin({ keys }: Config): boolean {
  return keys.length === 0 || keys.some(({ role }) => role === KeyRole.ADMIN);
}

async function recordInForce(deps: ConfigKeeperDeps, state: KeeperState): Promise<void> {
  try {
    const sequence = await append(deps, state, [recordOf(state.inForce, state)]);
    state.inForce = { ...state.inForce, sequence };
  } catch (error) {
    deps.onUnrecorded(error);
  }
}

async function append(
  deps: ConfigKeeperDeps,
  state: KeeperState,
  records: readonly ConfigRevisionRecord[],
): Promise<number> {
  const sequence = await deps.store.append(records, state.last);
  if (sequence === undefined) {
    throw new SluiceError('STORE_UNAVAILABLE', 'Another process has written into the history of the configuration.');
  }
  state.last = sequence;
  return sequence;
}

function recordOf(config: ConfigInForce, { fileSha256 }: KeeperState): ConfigRevisionRecord {
  const { revision, source, keyId, createdAtMs, text } = config;
  return { revision, source, keyId, createdAtMs, yaml: text, fileSha256 };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
