import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { openDatabase } from './open-database.ts';
import { createUnitRunner } from './run-units.ts';
import type { FromWorker, ToWorker, Unit } from './unit.ts';

// The thread that owns the database file, so that no write to the disk holds up the calls of the gateway.

/** Units in one transaction: enough to share a write, few enough that the first does not wait long. */
const MOST_AT_ONCE = 256;

interface Waiting {
  readonly id: number;
  readonly unit: Unit;
}

function serve(path: string): void {
  const port = parentPort;
  if (port === null) throw new Error('This file is a worker; server/stores/sqlite/database.ts starts it.');
  const tell = (message: FromWorker): void => port.postMessage(message);
  const database = openOrTell(path, tell);
  if (database === undefined) {
    port.close();
    return;
  }
  const run = createUnitRunner(database);
  const runAll = (waiting: readonly Waiting[]): void => {
    const results = run(waiting.map(({ unit }) => unit));
    for (const [at, result] of results.entries()) tell({ kind: 'result', id: waiting[at]?.id ?? 0, result });
  };
  port.on('message', (first: ToWorker) => {
    const waiting: Waiting[] = [];
    for (let next: ToWorker | undefined = first; next !== undefined; next = received(port)) {
      if (next.kind === 'run') waiting.push(next);
      else {
        if (waiting.length > 0) runAll(waiting);
        database.close();
        port.close();
        return;
      }
      if (waiting.length === MOST_AT_ONCE) runAll(waiting.splice(0));
    }
    if (waiting.length > 0) runAll(waiting);
  });
}

function openOrTell(path: string, tell: (message: FromWorker) => void) {
  try {
    return openDatabase(path);
  } catch (error) {
    tell({ kind: 'unusable', message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/** What has come meanwhile; undefined where nothing has. */
function received(port: NonNullable<typeof parentPort>): ToWorker | undefined {
  return receiveMessageOnPort(port)?.message;
}

serve(String(workerData));
