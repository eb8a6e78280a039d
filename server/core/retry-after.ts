import { parseDuration } from './duration.ts';

/** As much of a failed answer as says when to come back. */
export interface RefusalHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the headers came, in milliseconds since 1970. */
  readonly receivedAtMs: number;
}

/**
 * How long a provider asks to wait, in whole milliseconds, rounded up; undefined where it does not say.
 * retry-after-ms (OpenAI) and x-ms-retry-after-ms (Azure) are exact and win over Retry-After (RFC 9110, 10.2.3: seconds
 * or a date). The x-ratelimit-reset-* headers come with every answer, so they count only where a 429 says nothing else.
 */
export function readRetryAfter({ status, headers, receivedAtMs }: RefusalHead): number | undefined {
  const wait =
    milliseconds(headers['retry-after-ms']) ??
    milliseconds(headers['x-ms-retry-after-ms']) ??
    retryAfter(headers['retry-after'], receivedAtMs) ??
    (status === 429 ? longestReset(headers) : undefined);
  return wait === undefined ? undefined : Math.ceil(wait);
}

/** Twelve digits are 30,000 years: more are no wait but a mistake. */
const PLAIN_NUMBER = /^\d{1,12}(?:\.\d{1,12})?$/;

function milliseconds(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return PLAIN_NUMBER.test(trimmed) ? Number(trimmed) : undefined;
}

function retryAfter(text: string | undefined, receivedAtMs: number): number | undefined {
  const seconds = milliseconds(text);
  if (seconds !== undefined) return seconds * 1000;
  const at = httpDate(text?.trim() ?? '');
  return at === undefined ? undefined : Math.max(0, at - receivedAtMs);
}

/** The two forms of RFC 9110, 5.6.7 that end in GMT, and asctime's, which means GMT without saying so. */
const GMT_DATE = /^[A-Za-z]{3,9}, \d{2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

function httpDate(text: string): number | undefined {
  const full = ASCTIME_DATE.test(text) ? `${text} GMT` : text;
  const time = GMT_DATE.test(text) || full !== text ? Date.parse(full) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** Which of the two buckets ran dry the headers do not say; after the longer wait both are full. */
function longestReset(headers: RefusalHead['headers']): number | undefined {
  const waits = [headers['x-ratelimit-reset-requests'], headers['x-ratelimit-reset-tokens']]
    .map((text) => compoundDuration(text?.trim() ?? ''))
    .filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** Durations as Go prints them: 1s, 6m0s, 20ms, 2m59.56s. */
function compoundDuration(text: string): number | undefined {
  const pieces = text.match(/\d+(?:\.\d+)?(?:ms|[smhd])/g) ?? [];
  if (text === '' || pieces.join('') !== text) return undefined;
  const waits = pieces.map(parseDuration);
  return waits.some((wait) => wait === undefined)
    ? undefined
    : waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0);
}
