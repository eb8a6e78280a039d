import { catalogImport } from './catalog-import.ts';
import { catalogList } from './catalog-list.ts';
import type { Command } from './command.ts';
import { configApply, configDiff, configRollback } from './config-change.ts';
import { configCheck } from './config-check.ts';
import { configGet, configRevisions } from './config-history.ts';
import { drill } from './drill.ts';
import { explain } from './explain.ts';
import { commandGroup } from './group.ts';
import { health } from './health.ts';

const catalog = commandGroup('catalog', 'What is known of models: limits, capabilities, prices', [
  catalogImport,
  catalogList,
]);

const config = commandGroup('config', 'The configuration of a running gateway', [
  configCheck,
  configGet,
  configDiff,
  configApply,
  configRevisions,
  configRollback,
]);

/** The whole program. */
export const SLUICE: Command = commandGroup('', 'Sluice, an AI gateway: its command line', [
  catalog,
  config,
  drill,
  explain,
  health,
]);
