import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AudioOutputSchema,
  ReasoningEffort,
  type ReasoningSchema,
  type ResponseFormatSchema,
} from '../../../gen/sluice/v1/generation_pb.ts';
import type { GenerationMembers } from '../new-generation.ts';
import {
  MAX_UINT32,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  type Place,
  textOfJson,
} from '../read-fields.ts';
import { schemaText } from './decode-tools.ts';
import { levelOfWord } from './encode-thinking.ts';
import { optionalMessage } from './proto-members.ts';

const PENALTY = { min: -2, max: 2 };
const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** What generationConfig asks for. Throws SluiceError INVALID_REQUEST. Words that we do not know stay in the raw body. */
export function decodeConfig(body: Place): GenerationMembers {
  const config = optionalMessage(body, 'generationConfig');
  if (config === undefined) return {};
  const seed = optionalInteger(config, 'seed', INT32);
  return {
    temperature: optionalNumber(config, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(config, 'topP', { min: 0, max: 1 }),
    topK: optionalInteger(config, 'topK', { min: 0, max: MAX_UINT32 }),
    n: optionalInteger(config, 'candidateCount', { min: 1, max: 128 }),
    maxOutputTokens: optionalInteger(config, 'maxOutputTokens', { min: 1, max: MAX_UINT32 }),
    stop: [...(optionalStrings(config, 'stopSequences') ?? [])],
    seed: seed === undefined ? undefined : BigInt(seed),
    presencePenalty: optionalNumber(config, 'presencePenalty', PENALTY),
    frequencyPenalty: optionalNumber(config, 'frequencyPenalty', PENALTY),
    logprobs: optionalBoolean(config, 'responseLogprobs'),
    topLogprobs: optionalInteger(config, 'logprobs', { min: 0, max: 20 }),
    responseFormat: responseFormat(config),
    modalities: (optionalStrings(config, 'responseModalities') ?? []).map((word) => word.toLowerCase()),
    audioOutput: audioOutput(config),
    reasoning: reasoning(config),
  };
}

function responseFormat(config: Place): MessageInitShape<typeof ResponseFormatSchema> | undefined {
  const schema = schemaOf(config);
  if (schema !== undefined) return { kind: { case: 'jsonSchema', value: schema } };
  switch (optionalString(config, 'responseMimeType')) {
    case 'application/json':
      return { kind: { case: 'jsonObject', value: {} } };
    case 'text/plain':
      return { kind: { case: 'text', value: {} } };
    default:
      return undefined;
  }
}

/** Formats that want a name take letters, digits, "_" and "-". */
const NOT_OF_NAMES = /[^\w-]+/g;
const MAX_NAME_LENGTH = 64;

function schemaOf(config: Place): { name: string; schemaJson: string } | undefined {
  const json = optionalObject(config, 'responseJsonSchema');
  const schema = optionalObject(config, 'responseSchema');
  const given = json ?? schema;
  if (given === undefined) return undefined;
  const title = given.json['title'];
  const name = typeof title === 'string' ? title.replace(NOT_OF_NAMES, '_').slice(0, MAX_NAME_LENGTH) : '';
  const schemaJson = given === json ? textOfJson(given.json, given.path) : schemaText(given.json, given.path);
  return { name: name || 'response', schemaJson };
}

function audioOutput(config: Place): MessageInitShape<typeof AudioOutputSchema> | undefined {
  const speech = optionalMessage(config, 'speechConfig');
  const voice = speech && optionalMessage(speech, 'voiceConfig');
  const prebuilt = voice && optionalMessage(voice, 'prebuiltVoiceConfig');
  const name = prebuilt && optionalString(prebuilt, 'voiceName');
  return name === undefined ? undefined : { voice: name };
}

/** A budget of -1 leaves it to the model, as none does. */
function reasoning(config: Place): MessageInitShape<typeof ReasoningSchema> | undefined {
  const thinking = optionalMessage(config, 'thinkingConfig');
  if (thinking === undefined) return undefined;
  const budget = optionalInteger(thinking, 'thinkingBudget', { min: -1, max: INT32.max });
  const includeThoughts = optionalBoolean(thinking, 'includeThoughts');
  const level = optionalString(thinking, 'thinkingLevel') ?? '';
  return {
    effort: levelOfWord(level) ?? ReasoningEffort.UNSPECIFIED,
    ...(budget !== undefined && budget >= 0 && { budgetTokens: budget }),
    ...(includeThoughts !== undefined && { includeThoughts }),
  };
}
