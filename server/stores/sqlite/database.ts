import { Worker } from 'node:worker_threads';
import { SluiceError } from '../../errors/sluice-error.ts';
import type { FromWorker, SqlRow, ToWorker, Unit, UnitAnswer, UnitResult } from './unit.ts';

/** The database of a process, whose file a thread of its own writes. */
export interface SqliteDatabase {
  /**
   * Carries out a unit, and resolves once it is durable: with the rows of each statement, or with undefined where a statement
   * changed or gave another number of rows than it must. The first one starts the thread, which makes the file where there is
   * none. Units are carried out in the order in which they are given. Throws SluiceError STORE_UNAVAILABLE.
   */
  run(unit: Unit): Promise<readonly (readonly SqlRow[])[] | undefined>;
  /** The same, for those who want to know which statement did not do what it must. */
  attempt(unit: Unit): Promise<UnitAnswer>;
  /** Ends the thread once all that was given is done. Nothing may be given afterwards. */
  close(): Promise<void>;
}

/** A thread of SQLite. Small: it holds statements and rows, nothing else. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128, stackSizeMb: 2 };

/** The file of the data folder. */
export const DATABASE_FILE = 'sluice.db';

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
}

/** A database that is opened when it is first used. */
export function createSqliteDatabase(path: string): SqliteDatabase {
  const waiting = new Map<number, (result: UnitResult) => void>();
  let thread: Thread | undefined;
  let lastId = 0;
  const failAll = (message: string): void => {
    const all = [...waiting.values()];
    waiting.clear();
    for (const settle of all) settle({ kind: 'failed', message });
  };
  const settle = (id: number, result: UnitResult): void => {
    waiting.get(id)?.(result);
    waiting.delete(id);
    // A thread that waits for work does not keep the process alive.
    if (waiting.size === 0) thread?.worker.unref();
  };
  const start = (): Thread => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: path,
      env: {},
      execArgv: [],
      resourceLimits: WORKER_LIMITS,
    });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const lost = (message: string): void => {
      // What waits by then may wait for another thread: the next unit after a loss starts one.
      if (thread?.worker !== worker) return;
      thread = undefined;
      failAll(message);
    };
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'result') settle(message.id, message.result);
      else lost(message.message);
    });
    worker.on('error', (error) => lost(`The thread of ${path} failed: ${String(error)}`));
    worker.once('exit', () => lost(`The thread of ${path} ended.`));
    return { worker, ended };
  };
  const post = ({ worker }: Thread, message: ToWorker): void => worker.postMessage(message);
  const attempt = async (unit: Unit): Promise<UnitAnswer> => {
    thread ??= start();
    thread.worker.ref();
    lastId += 1;
    const id = lastId;
    const answer = new Promise<UnitResult>((resolve) => waiting.set(id, resolve));
    post(thread, { kind: 'run', id, unit });
    const result = await answer;
    if (result.kind !== 'failed') return result;
    throw new SluiceError('STORE_UNAVAILABLE', 'The data folder cannot be used. The log has the cause.', {
      cause: new Error(result.message),
    });
  };
  return {
    attempt,
    async run(unit) {
      const answer = await attempt(unit);
      return answer.kind === 'done' ? answer.rows : undefined;
    },
    async close() {
      if (thread === undefined) return;
      const { ended } = thread;
      thread.worker.ref();
      post(thread, { kind: 'close' });
      await ended;
    },
  };
}
