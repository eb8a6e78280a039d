import type { Part } from '../../../gen/sluice/v1/content_pb.ts';
import type { AnswerReach, Fate } from '../answer-reach.ts';
import { encodeGrounding } from './annotations.ts';
import { finishWord, isOwn } from './wire.ts';

const signed = (part: Part): Fate => (isOwn(part) ? 'shown' : 'dropped');

/** What of an answer this format can show. */
export const reach: AnswerReach = {
  severalChoices: true,
  logprobs: true,
  stopSequence: false,
  finishWord,
  cites: (annotation) => encodeGrounding([{ text: '', partIndex: 0, annotations: [annotation] }]) !== undefined,
  parts: {
    picture: 'shown',
    sound: 'shown',
    transcript: 'emulated',
    file: 'shown',
    call: 'shown',
    customCall: 'emulated',
    brokenArguments: 'approximated',
    providerCall: 'dropped',
    toolResult: 'dropped',
    thought: 'shown',
    thoughtProof: signed,
    hiddenThought: 'dropped',
    refusal: 'approximated',
    textSignature: signed,
    callSignature: signed,
    ownRaw: 'shown',
    foreignRaw: 'dropped',
  },
};
