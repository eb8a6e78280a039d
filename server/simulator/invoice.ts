/** How an answer ended: sent as a whole, left by its client, or ended by a fault. */
export type Finished = 'whole' | 'client-gone' | 'fault';

/** What a client that leaves early pays for: what was made until then, or all that would have been made. */
export type BillingPolicy = 'generated' | 'whole';

/** Nano-dollars per million tokens. */
export interface SimulatedPrices {
  readonly input: bigint;
  /** Input read from the prompt cache. */
  readonly cached: bigint;
  readonly output: bigint;
}

/** One dollar per million tokens in, a tenth of it from the cache, four dollars out. */
export const DEFAULT_PRICES: SimulatedPrices = { input: 1_000_000_000n, cached: 100_000_000n, output: 4_000_000_000n };

/** What is known of a request when it is over. */
export interface Delivery {
  /** From 1, in the order in which requests came. */
  readonly requestNumber: number;
  readonly model: string;
  /** Tokens of the prompt, those from the cache included. 0 where no model ran. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** Tokens of the whole answer, reasoning included. 0 where no model ran. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Tokens of the answer that had been made when it ended. */
  readonly generatedTokens: number;
  readonly finished: Finished;
  /** The request id that the caller sent; empty where none. */
  readonly callerRequestId: string;
  /** Whether credentials came. The simulator asks for none. */
  readonly authorized: boolean;
}

/** What a provider would have billed for a request. */
export interface InvoiceEntry extends Omit<Delivery, 'generatedTokens'> {
  readonly nanoUsd: bigint;
}

export interface InvoiceTotals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly nanoUsd: bigint;
}

/** What a provider would have billed, for tests to compare with a ledger. */
export interface Invoice {
  record(delivery: Delivery): void;
  /** In the order in which requests ended; of very many, the last. */
  entries(): readonly InvoiceEntry[];
  /** Over all entries, also those no longer kept. */
  totals(): InvoiceTotals;
  clear(): void;
}

export interface InvoiceOptions {
  readonly billing: BillingPolicy;
  readonly prices: (model: string) => SimulatedPrices;
  /** How many entries are kept. */
  readonly maxEntries: number;
}

const NO_TOTALS: InvoiceTotals = {
  requests: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  nanoUsd: 0n,
};

export function createInvoice({ billing, prices, maxEntries }: InvoiceOptions): Invoice {
  let entries: InvoiceEntry[] = [];
  let totals = NO_TOTALS;
  return {
    record(delivery) {
      const entry = billDelivery(delivery, billing, prices(delivery.model));
      entries.push(entry);
      // Dropping half at a time keeps recording cheap.
      if (entries.length > maxEntries * 2) entries = entries.slice(-maxEntries);
      totals = addEntry(totals, entry);
    },
    entries: () => entries.slice(-maxEntries),
    totals: () => totals,
    clear() {
      entries = [];
      totals = NO_TOTALS;
    },
  };
}

/** What a request costs. Of an answer in part, reasoning counts as made first. */
export function billDelivery(delivery: Delivery, billing: BillingPolicy, prices: SimulatedPrices): InvoiceEntry {
  const { generatedTokens, ...facts } = delivery;
  const whole = delivery.finished === 'whole' || billing === 'whole';
  const outputTokens = whole ? delivery.outputTokens : Math.min(generatedTokens, delivery.outputTokens);
  const reasoningTokens = Math.min(delivery.reasoningTokens, outputTokens);
  const micro =
    BigInt(delivery.inputTokens - delivery.cachedTokens) * prices.input +
    BigInt(delivery.cachedTokens) * prices.cached +
    BigInt(outputTokens) * prices.output;
  return { ...facts, outputTokens, reasoningTokens, nanoUsd: (micro + 999_999n) / 1_000_000n };
}

function addEntry(totals: InvoiceTotals, entry: InvoiceEntry): InvoiceTotals {
  return {
    requests: totals.requests + 1,
    inputTokens: totals.inputTokens + entry.inputTokens,
    cachedTokens: totals.cachedTokens + entry.cachedTokens,
    outputTokens: totals.outputTokens + entry.outputTokens,
    reasoningTokens: totals.reasoningTokens + entry.reasoningTokens,
    nanoUsd: totals.nanoUsd + entry.nanoUsd,
  };
}

/** The invoice as JSON text: {"totals": {...}, "entries": [...]}; amounts are strings, as int64 is in ProtoJSON. */
export function encodeInvoice(invoice: Invoice): string {
  return JSON.stringify({ totals: invoice.totals(), entries: invoice.entries() }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
