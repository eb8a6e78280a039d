import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { AnswerReach, Fate } from '../answer-reach.ts';
import { encodeAnnotations } from './annotations.ts';
import { signatureFor } from './thought-signature.ts';
import { finishWord } from './wire.ts';

const signed = (part: Part): Fate => (signatureFor(part) === '' ? 'dropped' : 'shown');

/** What of an answer this format can show; pictures, thoughts and their proofs as OpenRouter has them. */
export const reach: AnswerReach = {
  severalChoices: true,
  logprobs: true,
  stopSequence: false,
  finishWord,
  cites: (annotation) => encodeAnnotations([annotation], 0).length > 0,
  parts: {
    picture: ({ kind }) => {
      const location = kind.case === 'image' ? kind.value.source?.location.case : undefined;
      return location === 'data' || location === 'url' ? 'shown' : 'dropped';
    },
    sound: ({ kind }) => (kind.case === 'audio' && kind.value.source?.location.case === 'data' ? 'shown' : 'dropped'),
    transcript: 'shown',
    file: 'dropped',
    call: 'shown',
    customCall: 'shown',
    brokenArguments: 'shown',
    providerCall: 'dropped',
    toolResult: 'dropped',
    thought: 'shown',
    thoughtProof: 'shown',
    hiddenThought: 'shown',
    refusal: 'shown',
    textSignature: signed,
    callSignature: signed,
    ownRaw: 'shown',
    foreignRaw: 'dropped',
  },
};
