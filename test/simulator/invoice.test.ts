import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  billDelivery,
  createInvoice,
  DEFAULT_PRICES,
  type Delivery,
  encodeInvoice,
} from '../../server/simulator/invoice.ts';

const DELIVERY: Delivery = {
  requestNumber: 1,
  model: 'simulated-chat',
  inputTokens: 1000,
  cachedTokens: 400,
  outputTokens: 100,
  reasoningTokens: 30,
  generatedTokens: 20,
  finished: 'whole',
  callerRequestId: '',
  authorized: false,
};

describe('a client that leaves early', () => {
  const gone: Delivery = { ...DELIVERY, finished: 'client-gone' };

  test('pays for what was made until then', () => {
    const { outputTokens, reasoningTokens, nanoUsd } = billDelivery(gone, 'generated', DEFAULT_PRICES);
    expect({ outputTokens, reasoningTokens }).toEqual({ outputTokens: 20, reasoningTokens: 20 });
    // 600 × $1 + 400 × $0.1 + 20 × $4, per million.
    expect(nanoUsd).toBe(720_000n);
  });

  test('pays for all where the policy is the whole generation', () => {
    expect(billDelivery(gone, 'whole', DEFAULT_PRICES).nanoUsd).toBe(1_040_000n);
  });
});

test('a whole answer costs the same under both policies', () => {
  expect(billDelivery(DELIVERY, 'generated', DEFAULT_PRICES)).toEqual(billDelivery(DELIVERY, 'whole', DEFAULT_PRICES));
});

test('a cost rounds up once', () => {
  const prices = { input: 1n, cached: 1n, output: 1n };
  expect(billDelivery(DELIVERY, 'whole', prices).nanoUsd).toBe(1n);
});

test('totals are the sums of the entries, also of those no longer kept', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 60 }), (sizes) => {
      const options = { billing: 'whole' as const, prices: () => DEFAULT_PRICES };
      const [small, large] = [
        createInvoice({ ...options, maxEntries: 3 }),
        createInvoice({ ...options, maxEntries: 100 }),
      ];
      for (const outputTokens of sizes) {
        small.record({ ...DELIVERY, outputTokens });
        large.record({ ...DELIVERY, outputTokens });
      }
      expect(small.totals()).toEqual(large.totals());
      expect(small.entries()).toEqual(large.entries().slice(-3));
      expect(large.totals().nanoUsd).toBe(large.entries().reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n));
    }),
  );
});

test('amounts are text in JSON', () => {
  const invoice = createInvoice({ billing: 'whole', prices: () => DEFAULT_PRICES, maxEntries: 10 });
  invoice.record(DELIVERY);
  expect(JSON.parse(encodeInvoice(invoice))).toMatchObject({
    totals: { nanoUsd: '1040000' },
    entries: [{ nanoUsd: '1040000' }],
  });
});
