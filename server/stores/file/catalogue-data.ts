import { readFileSync } from 'node:fs';
import type { ReadCatalogue } from '../../catalogue/catalogue.ts';
import { PRESETS } from '../../providers/presets.ts';

/**
 * The built-in catalogue of a preset, server/catalogue/data/<preset>.json. Blocks for the millisecond that it takes, once
 * for each preset that is asked for. Undefined where there is none. Throws where the file cannot be read.
 */
export const readBuiltInCatalogue: ReadCatalogue = (provider) => {
  // A name of a configuration's own must not become a path.
  if (!PRESETS.has(provider)) return undefined;
  try {
    return readFileSync(new URL(`../../catalogue/data/${provider}.json`, import.meta.url), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
