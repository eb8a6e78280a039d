import type { AnswerReach } from '../answer-reach.ts';
import { finishWord } from './wire.ts';

/** What of an answer this format can show: its words. */
export const reach: AnswerReach = {
  severalChoices: true,
  logprobs: true,
  stopSequence: false,
  finishWord,
  cites: () => false,
  parts: {
    picture: 'dropped',
    sound: 'dropped',
    transcript: 'dropped',
    file: 'dropped',
    call: 'dropped',
    customCall: 'dropped',
    brokenArguments: 'dropped',
    providerCall: 'dropped',
    toolResult: 'dropped',
    thought: 'dropped',
    thoughtProof: 'dropped',
    hiddenThought: 'dropped',
    refusal: 'approximated',
    textSignature: 'dropped',
    callSignature: 'dropped',
    ownRaw: 'dropped',
    foreignRaw: 'dropped',
  },
};
