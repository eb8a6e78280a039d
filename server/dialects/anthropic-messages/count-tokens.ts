import { AttemptError } from '../../errors/attempt-error.ts';
import type { TokenCount, TokenCountDoorCodec, TokenCountProviderCodec } from '../dialect.ts';
import { countOf, parseAnswer } from '../read-answer.ts';
import { decodeCountRequest } from './decode-request.ts';
import { encodeCountRequest } from './encode-request.ts';
import { DIALECT } from './wire.ts';

// https://platform.claude.com/docs/en/api/messages-count-tokens

export const providerTokenCount: TokenCountProviderCodec = {
  encodeRequest: encodeCountRequest,
  decodeResponse,
};

export const doorTokenCount: TokenCountDoorCodec = {
  decodeRequest: decodeCountRequest,
  encodeResponse,
};

function decodeResponse(text: string): TokenCount {
  const json = parseAnswer(text);
  const inputTokens = countOf(json['input_tokens']);
  if (inputTokens === undefined) throw new AttemptError('MALFORMED', 'The provider sent no count of tokens.');
  return { inputTokens, wire: { dialect: DIALECT, json, text } };
}

function encodeResponse({ inputTokens, wire }: TokenCount): string {
  return wire?.dialect === DIALECT && wire.text !== undefined
    ? wire.text
    : JSON.stringify({ input_tokens: inputTokens });
}
