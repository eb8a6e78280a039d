import { parseArgs } from 'node:util';
import {
  type ImportedEntry,
  importList,
  LIST_FORMATS,
  type ListFormat,
  NotAList,
} from '../server/catalogue/import/import-list.ts';
import { dayOf } from '../server/catalogue/lifecycle.ts';
import { isDay } from '../server/catalogue/read-members.ts';
import { type CliIo, type Command, CommandError, EXIT_OK, UsageError } from './command.ts';
import { readCatalogue, readText } from './read-catalogue.ts';
import { formatTable } from './table.ts';

const HELP = `Reads somebody else's list of models and prices, and writes what it says that the catalogue does not.

Usage: sluice catalog import --from litellm|models.dev FILE [options]

  FILE                 litellm: model_prices_and_context_window.json; models.dev: its api.json. You download it.

Options:
  --from FORMAT        Whose list it is: ${LIST_FORMATS.join(', ')}.
  --out FILE           Write the new and the changed models there, for catalogue_files of sluice.yaml.
  --known FILE         A catalogue file that counts as known, before the built-in one. May be repeated.
  --day DAY            The day from which changed prices hold, as in 2026-11-24. Default: today, UTC.
  --provider NAME      Only models of this preset. May be repeated.
  --all                Show the models that are the same and the ignored ones too.
  --json               Print the result as JSON.
  --help               Print this.
`;

interface ImportOptions {
  readonly file: string;
  readonly format: ListFormat;
  readonly out: string | undefined;
  readonly known: readonly string[];
  readonly providers: readonly string[];
  readonly day: string | undefined;
  readonly all: boolean;
  readonly json: boolean;
}

export const catalogImport: Command = {
  name: 'import',
  summary: "Take models and prices from LiteLLM's or models.dev's list",
  help: HELP,
  async run(args, io) {
    const options = readOptions(args);
    const text = await readText(options.file, io);
    const catalogue = await readCatalogue(options.known, io);
    const today = options.day ?? dayOf(io.now());
    const { entries, file } = imported(options, () =>
      importList({ format: options.format, text, catalogue, today, providers: options.providers }),
    );
    if (options.out !== undefined) await write(options.out, `${JSON.stringify(file, undefined, 2)}\n`, io);
    io.out(options.json ? `${JSON.stringify({ summary: countsOf(entries), entries })}\n` : report(entries, options));
    return EXIT_OK;
  },
};

function readOptions(args: readonly string[]): ImportOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      out: { type: 'string' },
      known: { type: 'string', multiple: true },
      provider: { type: 'string', multiple: true },
      day: { type: 'string' },
      all: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const format = LIST_FORMATS.find((known) => known === values.from);
  const [file, ...more] = positionals;
  if (format === undefined) throw new UsageError(`--from must be one of ${LIST_FORMATS.join(', ')}`);
  if (file === undefined || more.length > 0) throw new UsageError('Give one FILE.');
  if (values.day !== undefined && !isDay(values.day)) throw new UsageError('--day must be a day, as in 2026-11-24');
  return {
    file,
    format,
    out: values.out,
    known: values.known ?? [],
    providers: values.provider ?? [],
    day: values.day,
    all: values.all ?? false,
    json: values.json ?? false,
  };
}

function imported<T>({ file }: ImportOptions, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof NotAList) throw new CommandError(`${file} cannot be imported. ${thrown.message}`);
    throw thrown;
  }
}

async function write(path: string, text: string, io: CliIo): Promise<void> {
  try {
    await io.writeFile(path, text);
  } catch (error) {
    throw new CommandError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const KINDS = ['new', 'changed', 'same', 'ignored'] as const;

function countsOf(entries: readonly ImportedEntry[]): Record<ImportedEntry['kind'], number> {
  const counts = { new: 0, changed: 0, same: 0, ignored: 0 };
  for (const { kind } of entries) counts[kind] += 1;
  return counts;
}

function report(entries: readonly ImportedEntry[], { all, out }: ImportOptions): string {
  const shown = entries.filter(({ kind }) => all || kind === 'new' || kind === 'changed');
  const rows = KINDS.flatMap((kind) => shown.filter((entry) => entry.kind === kind)).map((entry) => [
    entry.kind,
    entry.name,
    entry.details.join('; '),
  ]);
  const counts = countsOf(entries);
  const summary = KINDS.map((kind) => `${counts[kind]} ${kind}`).join(', ');
  const reasons = all ? '' : ignoredReasons(entries);
  const next = out === undefined ? '' : `\nWritten to ${out}. To use it, add to sluice.yaml: catalogue_files: [${out}]`;
  const table = rows.length === 0 ? '' : `${formatTable([['KIND', 'MODEL', 'WHAT'], ...rows])}\n\n`;
  return `${table}${summary}${reasons}${next}\n`;
}

/** Why entries were left out, the most frequent reason first. */
function ignoredReasons(entries: readonly ImportedEntry[]): string {
  const reasons = new Map<string, number>();
  for (const { kind, details } of entries) {
    const reason = details.join('; ');
    if (kind === 'ignored') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const most = [...reasons].sort(([, one], [, other]) => other - one).slice(0, 10);
  const rest = reasons.size - most.length;
  if (most.length === 0) return '';
  const rows = most.map(([reason, count]) => [`  ${count}`, reason]);
  return `\n\nIgnored:\n${formatTable(rows)}${rest > 0 ? `\n  and ${rest} more reasons; --all shows each entry` : ''}`;
}
