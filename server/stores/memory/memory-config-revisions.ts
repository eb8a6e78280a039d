import type { ConfigRevisionRecord, ConfigRevisionStore, Sequenced } from '../../config/config-revision-store.ts';

/** The history of the configuration in memory: gone with the process. */
export function createMemoryConfigRevisions(): ConfigRevisionStore {
  const records: (ConfigRevisionRecord & Sequenced)[] = [];
  return {
    async latest() {
      return records.at(-1);
    },
    async append(added, after) {
      if (records.length !== after) return undefined;
      for (const record of added) records.push({ ...record, sequence: records.length + 1 });
      return records.length;
    },
    async list({ before = Number.POSITIVE_INFINITY, limit }) {
      return records
        .filter(({ sequence }) => sequence < before)
        .toReversed()
        .slice(0, limit)
        .map(({ revision, source, keyId, createdAtMs, sequence }) => ({
          revision,
          source,
          keyId,
          createdAtMs,
          sequence,
        }));
    },
    async find(revision) {
      return records.findLast((record) => record.revision === revision);
    },
  };
}
