import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { AnswerReach, Fate } from '../answer-reach.ts';
import { encodeCitation } from './citations.ts';
import { isOwn } from './encode-spot.ts';
import { finishWord } from './wire.ts';

const own = (part: Part): Fate => (isOwn(part) ? 'shown' : 'dropped');

/** What of an answer this format can show. */
export const reach: AnswerReach = {
  severalChoices: false,
  logprobs: false,
  stopSequence: false,
  finishWord,
  cites: (annotation) => encodeCitation(annotation) !== undefined,
  parts: {
    picture: ({ kind }) => {
      const location = kind.case === 'image' ? kind.value.source?.location.case : undefined;
      if (location === 'data') return 'shown';
      return location === 'url' ? 'emulated' : 'dropped';
    },
    sound: 'dropped',
    transcript: 'emulated',
    file: 'dropped',
    call: 'shown',
    customCall: 'emulated',
    brokenArguments: 'approximated',
    providerCall: 'shown',
    toolResult: 'dropped',
    thought: 'shown',
    thoughtProof: own,
    hiddenThought: own,
    refusal: 'approximated',
    textSignature: 'dropped',
    callSignature: 'dropped',
    ownRaw: 'shown',
    foreignRaw: 'dropped',
  },
};
