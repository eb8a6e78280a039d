/** Billionths of a US dollar, from dollars as people write them: 0.15 is 150000000n. */
export function nanoUsdPerMillion(usd: number): bigint {
  return BigInt(Math.round(usd * 1e9));
}
