import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { type KeyEntry, keyState, principalOf } from './key-entry.ts';
import type { KeyRing } from './key-ring.ts';
import type { AuditRecord, KeyStore } from './key-store.ts';
import type { Principal } from './principal.ts';

/** Which keys to show: by id, after the one of the page before. */
export interface KeyQuery {
  /** Undefined: those of all projects. */
  readonly projectId: string | undefined;
  readonly after: string;
  readonly limit: number;
}

/** The stored keys, held in memory whole: no call waits for a disk to learn who it is. */
export interface KeyBook extends KeyRing {
  entry(id: string): KeyEntry | undefined;
  page(query: KeyQuery): readonly KeyEntry[];
  /**
   * Changes a key, or makes it: from what it is to what `change` gives back. Changes come one after another; each counts from
   * when it is stored. Throws STORE_UNAVAILABLE and what `change` throws.
   */
  save(id: string, change: (old: KeyEntry | undefined) => KeyEntry, audit: AuditRecord): Promise<KeyEntry>;
}

interface Slot {
  readonly sha256: Buffer;
  readonly entry: KeyEntry;
  readonly principal: Principal;
  readonly untilMs: number;
}

export function createKeyBook(store: KeyStore, clock: Pick<Clock, 'now'>, entries: readonly KeyEntry[]): KeyBook {
  const byId = new Map<string, KeyEntry>();
  const byDigest = new Map<string, Slot>();
  let last: Promise<unknown> = Promise.resolve();
  const place = (entry: KeyEntry): void => {
    const before = byId.get(entry.id);
    for (const { sha256 } of before === undefined ? [] : slotsOf(before)) byDigest.delete(sha256.toString('latin1'));
    byId.set(entry.id, entry);
    for (const slot of slotsOf(entry)) byDigest.set(slot.sha256.toString('latin1'), slot);
  };
  for (const entry of entries) place(entry);
  return {
    get size() {
      return byId.size;
    },
    find(sha256) {
      const slot = byDigest.get(sha256.toString('latin1'));
      if (slot === undefined || !timingSafeEqual(slot.sha256, sha256)) return undefined;
      const now = clock.now();
      return keyState(slot.entry, now) === 'ACTIVE' && now < slot.untilMs ? slot.principal : undefined;
    },
    named(id) {
      const entry = byId.get(id);
      return entry === undefined ? undefined : principalOf(entry);
    },
    entry: (id) => byId.get(id),
    page({ projectId, after, limit }) {
      return [...byId.values()]
        .filter((entry) => entry.id > after && (projectId === undefined || entry.projectId === projectId))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
    save(id, change, audit) {
      const saved = last.then(async () => {
        const before = byId.get(id);
        const entry = change(before);
        if (entry === before) return entry;
        await store.put(entry, audit);
        place(entry);
        return entry;
      });
      last = saved.catch(() => undefined);
      return saved;
    },
  };
}

function slotsOf(entry: KeyEntry): readonly Slot[] {
  const principal = principalOf(entry);
  const slot = (hex: string, untilMs: number): Slot => ({ sha256: Buffer.from(hex, 'hex'), entry, principal, untilMs });
  const current = slot(entry.sha256, Number.POSITIVE_INFINITY);
  return entry.old === undefined ? [current] : [current, slot(entry.old.sha256, entry.old.untilMs)];
}
