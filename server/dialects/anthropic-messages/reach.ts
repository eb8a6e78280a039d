import type { AnswerReach } from '../answer-reach.ts';
import { encodeCitation } from './citations.ts';
import { encodeProviderCall, encodeProviderResult } from './encode-blocks.ts';
import { finishWord } from './wire.ts';

/**
 * What of an answer this format can show. Pictures stand in the block that requests have for them; proofs of other formats
 * in blocks of thoughts: see thought-envelope.ts.
 */
export const reach: AnswerReach = {
  severalChoices: false,
  logprobs: false,
  stopSequence: true,
  finishWord,
  cites: (annotation) => encodeCitation(annotation) !== undefined,
  parts: {
    picture: ({ kind }) => {
      const location = kind.case === 'image' ? kind.value.source?.location.case : undefined;
      return location === 'data' || location === 'url' ? 'emulated' : 'dropped';
    },
    sound: 'dropped',
    transcript: 'emulated',
    file: 'dropped',
    call: 'shown',
    customCall: 'emulated',
    brokenArguments: 'approximated',
    providerCall: (part) =>
      part.kind.case === 'toolCall' && encodeProviderCall(part, part.kind.value) !== undefined ? 'shown' : 'dropped',
    toolResult: (part) =>
      part.kind.case === 'toolResult' &&
      part.kind.value.providerExecuted &&
      encodeProviderResult(part, part.kind.value) !== undefined
        ? 'shown'
        : 'dropped',
    thought: 'shown',
    thoughtProof: 'shown',
    hiddenThought: 'shown',
    refusal: 'approximated',
    textSignature: 'dropped',
    callSignature: 'shown',
    ownRaw: 'shown',
    foreignRaw: 'dropped',
  },
};
