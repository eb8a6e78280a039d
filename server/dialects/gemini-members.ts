import { isJsonObject } from '../core/json.ts';
import { camelCase } from './gemini/proto-members.ts';
import { byMember, each, type Held, type HeldTable, members, whole } from './held-members.ts';

const INLINE = members(whole('mimeType', 'data'));
const FILE = members(whole('mimeType', 'fileUri'));

/** A part that holds none of these stays as it is. */
const PART: Held = byMember({
  ...whole('text', 'thought', 'thoughtSignature'),
  inlineData: INLINE,
  fileData: FILE,
  functionCall: members(whole('id', 'name', 'args')),
  functionResponse: members({
    ...whole('id', 'name', 'response'),
    parts: each(members({ inlineData: INLINE, fileData: FILE })),
  }),
});

const CONTENT = members({ role: true, parts: each(PART) });

const CONFIG = members({
  ...whole('temperature', 'topP', 'topK', 'candidateCount', 'maxOutputTokens', 'stopSequences', 'seed'),
  ...whole('presencePenalty', 'frequencyPenalty', 'responseLogprobs', 'logprobs', 'responseModalities'),
  ...whole('responseSchema', 'responseJsonSchema'),
  responseMimeType: (value) => value === 'application/json' || value === 'text/plain' || value === '',
  speechConfig: members({ voiceConfig: members({ prebuiltVoiceConfig: members({ voiceName: true }) }) }),
  thinkingConfig: members({
    ...whole('thinkingBudget', 'includeThoughts'),
    thinkingLevel: (value) =>
      typeof value === 'string' && /^(?:thinking_level_unspecified|minimal|low|medium|high)$/i.test(value),
  }),
});

const DECLARATION = members(whole('name', 'description', 'parameters', 'parametersJsonSchema'));

/** What the canonical request holds of a body of the Gemini API, or what foreign-members.ts tells of. */
export const GEMINI_MEMBERS: HeldTable = {
  nameOf: camelCase,
  body: members({
    ...whole('model', 'serviceTier', 'cachedContent', 'safetySettings'),
    contents: each(CONTENT),
    systemInstruction: CONTENT,
    // Objects beside the declarations are tools of the provider's own, each under its name.
    tools: each(members({ functionDeclarations: each(DECLARATION) }, (value) => isJsonObject(value))),
    toolConfig: members({ functionCallingConfig: members(whole('mode', 'allowedFunctionNames')) }),
    generationConfig: CONFIG,
  }),
};
