import type { ChatDoorCodec, ChatProviderCodec } from '../dialect.ts';
import { unwrappingDecoder, withUnwrappedValues } from '../unwrap-value.ts';
import { decisionFrame } from './decision-frame.ts';
import { decodeError, encodeError } from './error.ts';
import { reach } from './reach.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder, createStreamEncoder } from './stream.ts';
import { DIALECT } from './wire.ts';

/** How Sluice calls Amazon Bedrock's Converse API. */
export const bedrockConverseProvider: ChatProviderCodec = {
  dialect: DIALECT,
  framing: 'aws-event-stream',
  encodeRequest,
  decodeResponse: (text) => withUnwrappedValues(decodeResponse(text)),
  createStreamDecoder: () => unwrappingDecoder(createStreamDecoder()),
  decodeError,
};

/** How a door offers the Converse API; the simulator's does. */
export const bedrockConverseDoor: ChatDoorCodec = {
  dialect: DIALECT,
  framing: 'aws-event-stream',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  decisionFrame,
  reach,
};
