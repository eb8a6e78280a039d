import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { AnswerReach, Fate } from '../answer-reach.ts';
import { encodeAnnotation } from './annotations.ts';
import { DIALECT, finishWord } from './wire.ts';

/** The format itself has no signatures. */
const foreign = ({ origin }: Part): Fate => (origin === DIALECT ? 'dropped' : 'shown');

/** What of an answer this format can show. Proofs of other formats stand in reasoning items: see thought-envelope.ts. */
export const reach: AnswerReach = {
  severalChoices: false,
  logprobs: true,
  stopSequence: false,
  finishWord,
  cites: (annotation) => encodeAnnotation(annotation).length > 0,
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
    customCall: 'shown',
    brokenArguments: 'shown',
    providerCall: 'dropped',
    toolResult: 'dropped',
    thought: 'shown',
    thoughtProof: foreign,
    hiddenThought: 'shown',
    refusal: 'shown',
    textSignature: 'dropped',
    callSignature: foreign,
    ownRaw: 'shown',
    foreignRaw: 'dropped',
  },
};
