import type { ChatDialectName } from '../../server/dialects/dialect.ts';

/** A field that may be missing from a body without a warning, because nothing is lost with it. */
interface Silence {
  readonly field: RegExp;
  readonly dialects: readonly ChatDialectName[];
  readonly reason: string;
}

const SILENCES: readonly Silence[] = [
  {
    field: /\.item_id,/,
    dialects: ['anthropic-messages', 'gemini', 'bedrock-converse', 'cohere'],
    reason: 'it only names what another provider stores, and what it names goes along itself',
  },
  {
    field: /^generation\.messages\[0\]\.role, developer$/,
    dialects: ['anthropic-messages', 'gemini', 'bedrock-converse', 'cohere'],
    reason: 'the format has one kind of instructions, which these are',
  },
  {
    field: /^generation\.response_format\.json_schema\.strict$/,
    dialects: ['anthropic-messages', 'gemini', 'cohere'],
    reason: 'answers always keep to their schema there',
  },
  {
    field: /^generation\.response_format\.json_schema\.name$/,
    dialects: ['anthropic-messages', 'cohere'],
    reason: 'a schema needs no name there, and the model is told none',
  },
  {
    field: /^generation\.reasoning\.effort, none$/,
    dialects: ['anthropic-messages', 'bedrock-converse', 'cohere'],
    reason: 'the model does not think, or not unasked',
  },
  {
    field: /^generation\.reasoning\.include_thoughts$/,
    dialects: ['openai-responses'],
    reason: 'no thoughts come there unasked',
  },
  {
    field: /\.text\.annotations, assistant$/,
    dialects: ['anthropic-messages'],
    reason: 'the citation goes along by its place in the document, as the format wants it, without the id of a file',
  },
];

/** Why a field may be missing without a warning; undefined where it may not. */
export function reasonToBeSilent(field: string, dialect: ChatDialectName): string | undefined {
  return SILENCES.find((one) => one.field.test(field) && one.dialects.includes(dialect))?.reason;
}
