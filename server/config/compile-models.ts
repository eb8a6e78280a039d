import { createHash } from 'node:crypto';
import type { Config } from '../../gen/sluice/config/v1/config_pb.ts';
import type { ModelEntry, ModelPrice } from '../../gen/sluice/config/v1/model_pb.ts';
import { type ProviderCards, parseCatalogue } from '../catalogue/catalogue-file.ts';
import { decodeCard } from '../catalogue/decode-card.ts';
import { nanoDollars } from '../catalogue/nano-dollars.ts';
import type { JsonObject } from '../core/json.ts';
import { PRESETS } from '../providers/presets.ts';
import { entryPath } from './config-path.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './problems.ts';
import { errorCode } from './secret-resolver.ts';

/** What a part of a configuration knows of models. */
interface PartialModels {
  readonly sections: readonly ProviderCards[];
  readonly findings: readonly Finding[];
}

/** What a configuration knows of models. */
export interface OwnModels extends PartialModels {
  /** Files first, then entries: of the same model the last counts. */
  readonly sections: readonly ProviderCards[];
  /** The SHA-256 of each file that could be read, in hexadecimal digits. */
  readonly digests: readonly string[];
}

const SOURCE = 'the configuration';

/** Reads the catalogue files that a configuration names and its own entries. Never rejects. */
export async function compileModels(config: Config, readFile: (path: string) => Promise<string>): Promise<OwnModels> {
  const files = await Promise.all(config.catalogueFiles.map((path, at) => readSections(path, at, readFile)));
  const entries = compileEntries(config);
  return {
    sections: [...files.flatMap(({ sections }) => sections), ...entries.sections],
    findings: [...files.flatMap(({ findings }) => findings), ...entries.findings],
    digests: files.flatMap(({ digests }) => digests),
  };
}

async function readSections(path: string, at: number, readFile: (path: string) => Promise<string>): Promise<OwnModels> {
  const finding = (message: string): Finding => ({ path: `catalogue_files[${at}]`, message });
  try {
    const text = await readFile(path);
    const { providers, problems } = parseCatalogue(text);
    const findings = problems.map((problem) => finding(`is no catalogue: ${problem}`));
    return { sections: providers, findings, digests: [createHash('sha256').update(text).digest('hex')] };
  } catch (error) {
    return { sections: [], findings: [finding(`cannot be read${errorCode(error)}`)], digests: [] };
  }
}

function compileEntries(config: Config): PartialModels {
  const names = new Set(config.providers.map(({ name }) => name));
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const sections = config.models.flatMap((entry, at): ProviderCards[] => {
    const tell = (field: string, message: string) => findings.push({ path: `models[${at}].${field}`, message });
    if (!names.has(entry.provider) && !PRESETS.has(entry.provider)) {
      const hint = didYouMean(entry.provider, [...names, ...PRESETS.keys()]);
      tell('provider', `no provider and no preset is named "${entry.provider}"${hint}`);
    }
    for (const name of [entry.model, ...entry.aliases]) {
      const whole = `${entry.provider}/${name}`;
      if (seen.has(whole)) tell('model', `"${whole}" stands twice`);
      seen.add(whole);
    }
    const card = decodeCard(entry.provider, rowOf(entry), (member, message) => tell(fieldOf(member), message));
    return card === undefined ? [] : [{ provider: entry.provider, checked: undefined, cards: [card] }];
  });
  return { sections, findings };
}

/** The entry as a row of a catalogue file. What is unset is left out. */
function rowOf(entry: ModelEntry): JsonObject {
  const { deprecated, retires } = entry;
  return {
    id: entry.model,
    aliases: entry.aliases,
    capabilities: entry.capabilities,
    ...(entry.displayName !== '' && { name: entry.displayName }),
    ...(entry.contextLength !== undefined && { context_length: entry.contextLength }),
    ...(entry.maxOutputTokens !== undefined && { max_output_tokens: entry.maxOutputTokens }),
    ...(deprecated !== '' && { deprecated }),
    ...(retires !== '' && { retires }),
    ...((deprecated !== '' || retires !== '') && { lifecycle_source: SOURCE }),
    ...(entry.successor !== '' && { successor: entry.successor }),
    prices: entry.prices.map(priceRowOf),
  };
}

function priceRowOf(price: ModelPrice): JsonObject {
  const amounts: readonly (readonly [name: string, usd: string])[] = [
    ['input', price.input],
    ['output', price.output],
    ['cache_read', price.cacheRead],
    ['cache_write', price.cacheWrite],
    ['cache_write_1h', price.cacheWrite1h],
    ['audio_input', price.audioInput],
    ['audio_output', price.audioOutput],
    ['request', price.request],
  ];
  const row: Record<string, string | number> = { source: price.source === '' ? SOURCE : price.source };
  if (price.from !== '') row.from = price.from;
  for (const [name, usd] of amounts) {
    // The contract's pattern keeps amounts below 10^15, where whole numbers are exact.
    const nano = nanoDollars(usd)?.nano;
    if (nano !== undefined) row[name] = Number(nano);
  }
  return row;
}

/** A member of a row by the field's name in the configuration. */
function fieldOf(member: string): string {
  if (member === 'id') return 'model';
  const capability = /^capabilities\.(.*)$/s.exec(member)?.[1];
  if (capability !== undefined) return entryPath('capabilities', capability);
  return member === 'name' ? 'display_name' : member;
}
