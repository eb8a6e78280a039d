/** What a text or a number of JSON says in US dollars, exactly: digits × 10^-scale. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** A nano-dollar is 10^-9 US dollars. */
const NANO = 9;

/** More is no price but a mistake: a million US dollars. */
const MOST = 10n ** 15n;

export interface NanoDollars {
  readonly nano: bigint;
  /** False: the amount was finer than a nano-dollar and was rounded up. */
  readonly exact: boolean;
}

/**
 * An amount in US dollars, times 10^shift, as nano-dollars: a shift of 6 makes a price of one token that of a million. No
 * floating point: a number of JSON counts as the shortest text that means it, which is how it was written. Undefined
 * where it is no decimal number, negative or beyond a million dollars.
 */
export function nanoDollars(amount: string | number, shift = 0): NanoDollars | undefined {
  const decimal = parseDecimal(typeof amount === 'number' ? String(amount) : amount);
  if (decimal === undefined) return undefined;
  const places = NANO + shift - decimal.scale;
  const nano = places >= 0 ? decimal.digits * 10n ** BigInt(places) : undefined;
  if (nano !== undefined) return nano > MOST ? undefined : { nano, exact: true };
  const divisor = 10n ** BigInt(-places);
  const up = (decimal.digits + divisor - 1n) / divisor;
  return up > MOST ? undefined : { nano: up, exact: decimal.digits % divisor === 0n };
}

/** The bounds of digits and exponent keep the arithmetic small whatever a file holds. */
function parseDecimal(text: string): Decimal | undefined {
  const match = /^(\d{1,20})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** Nano-dollars as US dollars for people, as in 0.075. */
export function usdText(nano: bigint): string {
  const digits = nano.toString().padStart(NANO + 1, '0');
  const fraction = digits.slice(-NANO).replace(/0+$/, '');
  return `${digits.slice(0, -NANO)}${fraction === '' ? '' : `.${fraction}`}`;
}
