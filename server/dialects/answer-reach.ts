import type { Annotation, Part } from '../../gen/sluice/v1/content_pb.ts';
import type { DialectName } from './dialect.ts';
import type { Ending, FinishWord } from './finish-word.ts';
import { parsedObject } from './json-text.ts';
import type { Losses } from './losses.ts';

/** What becomes of something in a format. */
export type Fate = 'shown' | 'dropped' | 'approximated' | 'emulated';

/** The same where it depends on the part. */
export type Rule = Fate | ((part: Part) => Fate);

/** What of an answer a format can show: beside its encoders, which do as it says. test/translation holds them together. */
export interface AnswerReach {
  /** Whether it has several answers at once; else the first is shown. */
  readonly severalChoices: boolean;
  readonly logprobs: boolean;
  /** Whether it says which stop text ended an answer. */
  readonly stopSequence: boolean;
  finishWord(ending: Ending): FinishWord;
  /** Whether it has a citation of that kind. */
  cites(annotation: Annotation): boolean;
  readonly parts: Readonly<Record<Trait, Rule>>;
}

/** What a part may have that a format may lack. */
export type Trait =
  | 'picture'
  | 'sound'
  | 'transcript'
  | 'file'
  | 'call'
  | 'customCall'
  | 'brokenArguments'
  | 'providerCall'
  | 'toolResult'
  | 'thought'
  | 'thoughtProof'
  | 'hiddenThought'
  | 'refusal'
  | 'textSignature'
  | 'callSignature'
  | 'ownRaw'
  | 'foreignRaw';

/** Where in its part each stands, and what is told of it. */
const WORDS: Readonly<Record<Trait, readonly [field: string, message: string]>> = {
  picture: ['.image', 'Answers of this format have no such pictures.'],
  sound: ['.audio.source', 'Answers of this format have no sound.'],
  transcript: ['.audio.transcript', 'Answers of this format have no transcripts beside sound.'],
  file: ['.file', 'Answers of this format have no files.'],
  call: ['.tool_call', 'Answers of this format call no tools.'],
  customCall: ['.tool_call.text', 'Calls of this format have no free text as their input.'],
  brokenArguments: ['.tool_call.arguments_json', 'The model wrote arguments that are no JSON object.'],
  providerCall: ['.tool_call', "The provider's own tools have no place in answers of this format."],
  toolResult: ['.tool_result', 'Results of tools have no place in answers of this format.'],
  thought: ['.reasoning.text', 'Answers of this format have no thoughts.'],
  thoughtProof: ['.signature', 'The signature of these thoughts has no place in this format.'],
  hiddenThought: ['.reasoning.redacted_data', 'Encrypted thoughts have no place in answers of this format.'],
  refusal: ['.refusal', 'Answers of this format do not tell a refusal from other words.'],
  textSignature: ['.signature', 'The signature of this text has no place in this format.'],
  callSignature: ['.signature', 'The signature of this call has no place in this format.'],
  ownRaw: ['.raw', 'Answers of this format have words alone.'],
  foreignRaw: ['.raw', 'A part that another format has alone has no place in this one.'],
};

/** A part of an answer, where it stands, and in what it is to be shown. */
export interface AnswerSpot {
  readonly reach: AnswerReach;
  readonly dialect: DialectName;
  readonly part: Part;
  readonly path: string;
  readonly losses: Losses;
}

/** Tells of what of a part is lost. */
export function notePart({ reach, dialect, part, path, losses }: AnswerSpot): void {
  for (const trait of traitsOf(part, dialect)) {
    const rule = reach.parts[trait];
    const fate = typeof rule === 'function' ? rule(part) : rule;
    const [field, message] = WORDS[trait];
    if (fate !== 'shown') losses[fate](path + field, message);
  }
  if (part.kind.case !== 'text') return;
  for (const [index, annotation] of part.kind.value.annotations.entries()) {
    if (reach.cites(annotation)) continue;
    losses.dropped(`${path}.text.annotations[${index}]`, 'This format has no citations of that kind.');
  }
}

function traitsOf({ kind, signature }: Part, dialect: DialectName): readonly Trait[] {
  const signed = signature !== '';
  switch (kind.case) {
    case 'text':
      return signed ? ['textSignature'] : [];
    case 'image':
      return ['picture'];
    case 'audio': {
      const { source, transcript } = kind.value;
      return [
        ...(source === undefined ? [] : ['sound' as const]),
        ...(transcript === '' ? [] : ['transcript' as const]),
      ];
    }
    case 'file':
      return ['file'];
    case 'toolCall':
      return kind.value.providerExecuted ? ['providerCall'] : callTraits(kind.value, signed);
    case 'toolResult':
      return ['toolResult'];
    case 'reasoning': {
      const { text, redactedData } = kind.value;
      return [
        ...(text === '' ? [] : ['thought' as const]),
        ...(signed ? ['thoughtProof' as const] : []),
        ...(redactedData === '' ? [] : ['hiddenThought' as const]),
      ];
    }
    case 'refusal':
      return ['refusal'];
    case 'raw':
      return [kind.value.dialect === dialect ? 'ownRaw' : 'foreignRaw'];
    case undefined:
      return [];
  }
}

type Call = Extract<Part['kind'], { case: 'toolCall' }>['value'];

function callTraits({ input }: Call, signed: boolean): readonly Trait[] {
  const custom = input.case === 'text';
  const text = input.value ?? '';
  const broken = !custom && text.trim() !== '' && parsedObject(text) === undefined;
  return [
    'call',
    ...(custom ? ['customCall' as const] : []),
    ...(broken ? ['brokenArguments' as const] : []),
    ...(signed ? ['callSignature' as const] : []),
  ];
}
