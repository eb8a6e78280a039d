import type { KeyRing } from '../auth/key-ring.ts';
import type { Snapshot, SnapshotHolder } from './snapshot.ts';

/**
 * A holder whose snapshots know the stored keys besides their own. Those are not part of a revision: what is revoked is refused
 * at once, also by a call that pinned its snapshot before.
 */
export function withStoredKeys(holder: SnapshotHolder, stored: KeyRing): SnapshotHolder {
  let known: { readonly from: Snapshot; readonly made: Snapshot } | undefined;
  return {
    current() {
      const from = holder.current();
      if (known?.from !== from) known = { from, made: Object.freeze({ ...from, keys: both(from.keys, stored) }) };
      return known.made;
    },
    swap: (next) => holder.swap(next),
  };
}

function both(own: KeyRing, stored: KeyRing): KeyRing {
  return {
    get size() {
      return own.size + stored.size;
    },
    find: (sha256) => own.find(sha256) ?? stored.find(sha256),
    named: (id) => own.named(id) ?? stored.named(id),
  };
}
