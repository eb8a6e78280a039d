import type { Bar } from './support/finding.ts';

/** A row of the table of bars. */
export interface BarRow {
  readonly load: () => Promise<Bar>;
  /** A run that takes longer than so many seconds is broken. */
  readonly limitSeconds: number;
}

/** All bars that there are, by name. */
export const BARS: Readonly<Record<string, BarRow>> = {
  B7: { load: async () => (await import('./b7-parked-readers.ts')).parkedReaders, limitSeconds: 240 },
  B19: { load: async () => (await import('./b19-abort.ts')).abort, limitSeconds: 120 },
  B20: { load: async () => (await import('./b20-slow-readers.ts')).slowReaders, limitSeconds: 120 },
  B21: { load: async () => (await import('./b21-silence.ts')).silence, limitSeconds: 120 },
  B22: { load: async () => (await import('./b22-truncation.ts')).truncation, limitSeconds: 240 },
  B24: { load: async () => (await import('./b24-keepalive.ts')).keepalive, limitSeconds: 60 },
  B25: { load: async () => (await import('./b25-large-bodies.ts')).largeBodies, limitSeconds: 120 },
  B26: { load: async () => (await import('./b26-conformance.ts')).conformance, limitSeconds: 400 },
  B27: { load: async () => (await import('./b27-bad-targets.ts')).badTargets, limitSeconds: 60 },
  B28: { load: async () => (await import('./b28-silent-connections.ts')).silentConnections, limitSeconds: 90 },
  B29: { load: async () => (await import('./b29-rapid-reset.ts')).rapidReset, limitSeconds: 120 },
  B30: { load: async () => (await import('./b30-hostile-headers.ts')).hostileHeaders, limitSeconds: 60 },
  B31: { load: async () => (await import('./b31-hostile-json.ts')).hostileJson, limitSeconds: 90 },
};
