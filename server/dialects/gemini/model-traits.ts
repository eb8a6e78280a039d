import { ReasoningEffort } from '../../../gen/sluice/v1/generation_pb.ts';

/** What a model takes of what the format knows. Sent all the same, the rest would be answered with 400. */
export interface ModelTraits {
  /** How thinking is asked for: not at all, with a budget of tokens, or with a level. */
  readonly thinking:
    | { readonly kind: 'none' }
    | { readonly kind: 'budget'; readonly min: number; readonly max: number; readonly canBeOff: boolean }
    | { readonly kind: 'level'; readonly levels: readonly ReasoningEffort[] };
  /** Calls of functions must bear the signature that they came with, or one that says that there is none. */
  readonly wantsSignatures: boolean;
  /** Results of functions may hold pictures and documents. */
  readonly mediaInResults: boolean;
  /** An answer may be held to JSON where functions may be called. */
  readonly jsonBesideFunctions: boolean;
  /** Tools that Google runs may stand beside functions: https://ai.google.dev/gemini-api/docs/tool-combination */
  readonly ownToolsBesideFunctions: boolean;
}

const { MINIMAL, LOW, MEDIUM, HIGH } = ReasoningEffort;

const level = (...levels: readonly ReasoningEffort[]): ModelTraits => ({
  thinking: { kind: 'level', levels },
  wantsSignatures: true,
  mediaInResults: true,
  jsonBesideFunctions: true,
  ownToolsBesideFunctions: true,
});

const older = (thinking: ModelTraits['thinking']): ModelTraits => ({
  thinking,
  wantsSignatures: false,
  mediaInResults: false,
  jsonBesideFunctions: false,
  ownToolsBesideFunctions: false,
});

/** The first row that fits. https://ai.google.dev/gemini-api/docs/thinking */
const ROWS: readonly (readonly [RegExp, ModelTraits])[] = [
  [/gemini-2\.5-pro/i, older({ kind: 'budget', min: 128, max: 32_768, canBeOff: false })],
  [/gemini-2\.5-flash-lite/i, older({ kind: 'budget', min: 512, max: 24_576, canBeOff: true })],
  [/gemini-2\.5-flash/i, older({ kind: 'budget', min: 1, max: 24_576, canBeOff: true })],
  [/gemini-(?:[12]\b|pro\b(?!-latest))/i, older({ kind: 'none' })],
  [/gemini-3-pro/i, level(LOW, HIGH)],
  [/gemini-3(?:\.[1-6])?-flash/i, level(MINIMAL, LOW, MEDIUM, HIGH)],
  [/gemini/i, level(LOW, MEDIUM, HIGH)],
];

/** Models of other names behind this format take levels, and do not check signatures. */
const OTHERS: ModelTraits = {
  ...level(MINIMAL, LOW, MEDIUM, HIGH),
  wantsSignatures: false,
  ownToolsBesideFunctions: false,
};

export function traitsOf(model: string): ModelTraits {
  return ROWS.find(([pattern]) => pattern.test(model))?.[1] ?? OTHERS;
}
