import { type Catalogue, createCatalogue } from '../server/catalogue/catalogue.ts';
import { parseCatalogue } from '../server/catalogue/catalogue-file.ts';
import { readBuiltInCatalogue } from '../server/stores/file/catalogue-data.ts';
import { type CliIo, CommandError } from './command.ts';

/** The built-in catalogue with files of the caller's own before it. */
export async function readCatalogue(files: readonly string[], io: CliIo): Promise<Catalogue> {
  const own = await Promise.all(files.map((path) => readOwn(path, io)));
  return createCatalogue(own.flat(), readBuiltInCatalogue);
}

async function readOwn(path: string, io: CliIo) {
  const { providers, problems } = parseCatalogue(await readText(path, io));
  if (problems.length > 0) throw new CommandError(`${path} is no catalogue file:\n  ${problems.join('\n  ')}`);
  return providers;
}

/** A file's text. Throws CommandError with the system's reason. */
export async function readText(path: string, io: CliIo): Promise<string> {
  try {
    return await io.readFile(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
