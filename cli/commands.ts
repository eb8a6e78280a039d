import { catalogImport } from './catalog-import.ts';
import { catalogList } from './catalog-list.ts';
import type { Command } from './command.ts';
import { commandGroup } from './group.ts';

const catalog = commandGroup('catalog', 'What is known of models: limits, capabilities, prices', [
  catalogImport,
  catalogList,
]);

/** The whole program. */
export const SLUICE: Command = commandGroup('', 'Sluice, an AI gateway: its command line', [catalog]);
