import type { ChatDoorCodec, ChatProviderCodec, TokenCountDoorCodec } from '../dialect.ts';
import { unwrappingDecoder, withUnwrappedValues } from '../unwrap-value.ts';
import { doorTokenCount, providerTokenCount } from './count-tokens.ts';
import { decisionFrame } from './decision-frame.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { BETA_HEADER, DIALECT, VERSION_HEADER } from './wire.ts';

/** How Sluice calls a provider that speaks Anthropic's Messages API. */
export const anthropicMessagesProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'sse',
  encodeRequest,
  decodeResponse: (text) => withUnwrappedValues(decodeResponse(text)),
  createStreamDecoder: () => unwrappingDecoder(createStreamDecoder()),
  decodeError,
  tokenCount: providerTokenCount,
};

/** How a door offers Anthropic's Messages API. */
export const anthropicMessagesDoor: ChatDoorCodec & { readonly tokenCount: TokenCountDoorCodec } = {
  dialect: DIALECT,
  framing: 'sse',
  headerNames: [VERSION_HEADER, BETA_HEADER],
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
  tokenCount: doorTokenCount,
};
