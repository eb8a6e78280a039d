import { type BigIntStats, type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Clock, Timer } from '../core/clock.ts';
import type { ReloadResult } from './config-keeper.ts';

export interface WatchConfigInput {
  readonly path: string;
  /** Loads the file and puts it in force where it is right. Never rejects. */
  readonly load: () => Promise<ReloadResult>;
  /** Told of each reload, in their order. */
  readonly report: (result: ReloadResult) => void;
  readonly clock: Clock;
}

export interface ConfigWatch {
  /** Loads now, whether or not the file has changed. Never rejects. */
  reload(): Promise<ReloadResult>;
  /** Stops watching; a reload under way is still carried through. */
  close(): void;
}

/** How long a file must be left alone before it is read: editors write in several steps. */
const QUIET_MS = 100;
/** How often the file is looked at all the same: network folders, and links to elsewhere, give no events. */
const LOOK_EVERY_MS = 5_000;

/**
 * Reloads the configuration on SIGHUP and whenever the file changes: written in place, replaced by a rename, or swapped
 * behind a symbolic link as Kubernetes does with ConfigMaps. A bad file is reported and changes nothing. Files that
 * secrets stand in are not watched; SIGHUP reads them anew.
 */
export function watchConfig(input: WatchConfigInput): ConfigWatch {
  const reload = async (): Promise<ReloadResult> => {
    const result = await input.load();
    input.report(result);
    return result;
  };
  // At once, so that no change after this call is missed.
  let seen = Promise.resolve(fingerprintNow(input.path));
  let timer: Timer | undefined;
  let closed = false;
  const lookIn = (milliseconds: number): void => {
    timer?.stop();
    timer = input.clock.schedule(milliseconds, () => void look());
  };
  const look = async (): Promise<void> => {
    timer = undefined;
    const before = seen;
    seen = fingerprint(input.path);
    if ((await seen) !== (await before) && !closed) await reload();
    // A change that came meanwhile has already set the timer, to be back sooner.
    if (!closed && timer === undefined) lookIn(LOOK_EVERY_MS);
  };
  const watcher = watchFolder(input.path, () => lookIn(QUIET_MS));
  const onHangUp = (): void => void reload();
  process.on('SIGHUP', onHangUp);
  lookIn(LOOK_EVERY_MS);
  return {
    reload,
    close() {
      closed = true;
      timer?.stop();
      watcher?.close();
      process.off('SIGHUP', onHangUp);
    },
  };
}

/** The folder is watched and not the file: a watch on a file follows it when another takes its name. */
function watchFolder(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    const name = basename(path);
    const watcher = watch(dirname(path), (_, changed) => {
      // Kubernetes swaps the link ..data, not the file's own name.
      if (changed === null || changed === name || changed.startsWith('..')) onChange();
    });
    // A folder that is taken away ends its watch; looking from time to time goes on.
    watcher.on('error', () => watcher.close());
    watcher.unref();
    return watcher;
  } catch {
    return undefined;
  }
}

/** Differs whenever another file, or another content, stands behind the path. Empty where there is none. */
async function fingerprint(path: string): Promise<string> {
  try {
    const target = await realpath(path);
    return identity(target, await stat(target, { bigint: true }));
  } catch {
    return '';
  }
}

/** The same without waiting; only for the start, since a folder on the network can take long to answer. */
function fingerprintNow(path: string): string {
  try {
    const target = realpathSync(path);
    return identity(target, statSync(target, { bigint: true }));
  } catch {
    return '';
  }
}

function identity(target: string, { ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [target, ino, size, mtimeNs, ctimeNs].join(':');
}
