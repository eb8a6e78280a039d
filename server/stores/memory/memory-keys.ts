import type { KeyEntry } from '../../auth/key-entry.ts';
import type { KeyStore } from '../../auth/key-store.ts';

/** Keys that end with the process. */
export function createMemoryKeys(): KeyStore {
  const entries = new Map<string, KeyEntry>();
  return {
    all: async () => [...entries.values()],
    async put(entry) {
      entries.set(entry.id, entry);
    },
  };
}
