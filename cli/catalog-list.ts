import { parseArgs } from 'node:util';
import { encodeCard } from '../server/catalogue/encode-card.ts';
import type { ModelCard } from '../server/catalogue/model-card.ts';
import { usdText } from '../server/catalogue/nano-dollars.ts';
import { priceAt } from '../server/catalogue/price-at.ts';
import { PRESETS } from '../server/providers/presets.ts';
import { type Command, CommandError, EXIT_OK } from './command.ts';
import { readCatalogue } from './read-catalogue.ts';
import { formatTable } from './table.ts';

const HELP = `Lists the models that the catalogue knows, with today's prices in US dollars per million tokens.

Usage: sluice catalog list [PROVIDER…] [options]

  PROVIDER             A preset's name, as in openai. None: all of them.

Options:
  --file FILE          A catalogue file before the built-in one. May be repeated.
  --json               Print whole cards as JSON, a line each.
  --help               Print this.
`;

export const catalogList: Command = {
  name: 'list',
  summary: 'Show the models that the catalogue knows',
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { file: { type: 'string', multiple: true }, json: { type: 'boolean' } },
    });
    const catalogue = await readCatalogue(values.file ?? [], io);
    const providers = positionals.length > 0 ? positionals : [...PRESETS.keys()];
    const cards = providers.flatMap((provider) => catalogue.cardsOf(provider));
    if (cards.length === 0) {
      throw new CommandError(
        `The catalogue knows no model of ${providers.join(', ')}. "sluice catalog list" shows all; presets are ${[...PRESETS.keys()].join(', ')}.`,
      );
    }
    if (values.json === true) {
      for (const card of cards) io.out(`${JSON.stringify({ provider: card.provider, ...encodeCard(card) })}\n`);
    } else {
      io.out(`${formatTable([HEADER, ...cards.map((card) => rowOf(card, io.now()))])}\n`);
    }
    return EXIT_OK;
  },
};

const HEADER = ['MODEL', 'CONTEXT', 'OUTPUT', 'IN $/M', 'OUT $/M', 'LAST DAY'];

function rowOf(card: ModelCard, nowMs: number): readonly string[] {
  const rates = priceAt(card, nowMs)?.rates;
  const usd = (nano: bigint | undefined): string => (nano === undefined ? '-' : usdText(nano));
  return [
    `${card.provider}/${card.id}`,
    String(card.contextLength ?? '-'),
    String(card.maxOutputTokens ?? '-'),
    usd(rates?.input),
    usd(rates?.output),
    card.retires ?? '-',
  ];
}
