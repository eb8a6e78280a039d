import type { Snapshot, SnapshotHolder } from './snapshot.ts';

/** Holds the snapshot in force, beginning with this one. */
export function createSnapshotHolder(first: Snapshot): SnapshotHolder {
  let current = first;
  return {
    current: () => current,
    swap(next) {
      current = next;
    },
  };
}
