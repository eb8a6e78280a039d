/** The bytes of a data: URL (RFC 2397) and their media type, without its parameters. */
export interface InlineData {
  readonly mediaType: string;
  readonly data: Uint8Array;
}

/** undefined where the text is no data: URL, or a broken one. */
export function parseDataUrl(url: string): InlineData | undefined {
  const comma = url.indexOf(',');
  if (!isDataUrl(url) || comma < 0) return undefined;
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const body = url.slice(comma + 1);
  const base64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  const data = base64 ? decodeBase64(body) : decodePercent(body);
  return data === undefined ? undefined : { mediaType: mediaType.trim().toLowerCase(), data };
}

export function isDataUrl(url: string): boolean {
  return url.slice(0, 'data:'.length).toLowerCase() === 'data:';
}

export function formatDataUrl({ mediaType, data }: InlineData): string {
  return `data:${mediaType === '' ? 'application/octet-stream' : mediaType};base64,${data.toBase64()}`;
}

/** undefined where the text is not base64. Missing padding and white space are allowed. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}

function decodePercent(text: string): Uint8Array | undefined {
  try {
    return new TextEncoder().encode(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}
