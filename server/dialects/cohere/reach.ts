import type { AnswerReach } from '../answer-reach.ts';
import { encodeCitation } from './citations.ts';
import { finishWord } from './wire.ts';

/** What of an answer this format can show. Pictures stand in the entry that requests have for them. */
export const reach: AnswerReach = {
  severalChoices: false,
  logprobs: true,
  stopSequence: false,
  finishWord,
  cites: (annotation) => encodeCitation(annotation, '') !== undefined,
  parts: {
    picture: ({ kind }) => {
      const location = kind.case === 'image' ? kind.value.source?.location.case : undefined;
      return location === 'data' || location === 'url' ? 'emulated' : 'dropped';
    },
    sound: 'dropped',
    transcript: 'emulated',
    file: 'dropped',
    call: 'shown',
    customCall: 'approximated',
    brokenArguments: 'shown',
    providerCall: 'dropped',
    toolResult: 'dropped',
    thought: 'shown',
    thoughtProof: 'dropped',
    hiddenThought: 'dropped',
    refusal: 'approximated',
    textSignature: 'dropped',
    callSignature: 'dropped',
    ownRaw: 'shown',
    foreignRaw: 'dropped',
  },
};
