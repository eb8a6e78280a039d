// What Google's servers refuse: https://ai.google.dev/api/generate-content and what their errors say.

// biome-ignore lint/suspicious/noExplicitAny: a request as it goes over the wire
type Json = any;

const NAME = /^[a-zA-Z_][\w.-]{0,63}$/;
/** https://ai.google.dev/gemini-api/docs/image-understanding, audio, video-understanding and document-processing */
const MEDIA =
  /^(?:image\/(?:png|jpeg|webp|heic|heif)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/[\w.+-]+|application\/pdf)$/;

export function geminiComplaints(body: Json, model: string): string[] {
  const { contents, systemInstruction, generationConfig: config = {}, tools = [], toolConfig } = body;
  const complaints = [...turnComplaints(contents), ...pairComplaints(contents)];
  if (contents.length === 0) complaints.push('no contents');
  for (const part of systemInstruction?.parts ?? []) if (!part.text) complaints.push('an instruction that is no text');
  if (config.thinkingConfig?.thinkingLevel && config.thinkingConfig.thinkingBudget !== undefined) {
    complaints.push('a level and a budget');
  }
  if (config.candidateCount > 8) complaints.push('candidateCount');
  if (config.stopSequences?.length > 5) complaints.push('stopSequences');
  if (config.logprobs !== undefined && config.responseLogprobs !== true)
    complaints.push('logprobs without responseLogprobs');
  if (config.logprobs > 20) complaints.push('logprobs');
  const mute = toolConfig?.functionCallingConfig?.mode === 'NONE';
  const older = /gemini-(?:[12]\b|pro\b(?!-latest))/.test(model);
  const functions = tools.some(({ functionDeclarations }: Json) => functionDeclarations);
  const own = tools.some(({ functionDeclarations: _, ...others }: Json) => Object.keys(others).length > 0);
  if (older && functions && !mute && config.responseMimeType === 'application/json')
    complaints.push("Function calling with a response mime type: 'application/json' is unsupported");
  if (older && functions && own) complaints.push('Tool use with function calling is unsupported');
  if (functions && own && toolConfig?.includeServerSideToolInvocations !== true)
    complaints.push('built-in tools beside functions without includeServerSideToolInvocations');
  for (const { name, parametersJsonSchema: schema } of tools.flatMap((tool: Json) => tool.functionDeclarations ?? [])) {
    if (!NAME.test(name)) complaints.push(`Invalid function name ${name}`);
    if (schema.type !== 'object') complaints.push(`the parameters of ${name} are no object`);
  }
  const names = tools.flatMap(({ functionDeclarations = [] }: Json) =>
    functionDeclarations.map(({ name }: Json) => name),
  );
  const calling = toolConfig?.functionCallingConfig;
  if (calling !== undefined && names.length === 0) complaints.push('a choice without functions');
  if (calling?.allowedFunctionNames?.some((name: string) => !names.includes(name)))
    complaints.push('a choice of no function');
  if (calling?.allowedFunctionNames && calling.mode !== 'ANY' && calling.mode !== 'VALIDATED')
    complaints.push('names with AUTO');
  return complaints;
}

function turnComplaints(contents: Json[]): string[] {
  const complaints: string[] = [];
  for (const [at, { role, parts }] of contents.entries()) {
    const path = `contents[${at}]`;
    if (role !== 'user' && role !== 'model') complaints.push(`${path}: role ${role}`);
    if (parts.length === 0) complaints.push(`${path} is empty`);
    for (const part of parts) {
      if (part.text === '' && part.thoughtSignature === undefined) complaints.push(`${path}: an empty text parameter`);
      if (part.functionCall && role !== 'model') complaints.push(`${path}: a call of the user's`);
      if (part.functionResponse && role !== 'user') complaints.push(`${path}: a response of the model's`);
      if (part.inlineData && !part.inlineData.mimeType) complaints.push(`${path}: data without a type`);
      if (part.inlineData && !MEDIA.test(part.inlineData.mimeType))
        complaints.push(`${path}: ${part.inlineData.mimeType}`);
      if (part.fileData && !/^(?:https?:\/\/|gs:\/\/|files\/)/.test(part.fileData.fileUri))
        complaints.push(`${path}: no file ${part.fileData.fileUri}`);
      const named = part.functionCall ?? part.functionResponse;
      if (named && !NAME.test(named.name)) complaints.push(`${path}: Invalid function name ${named.name}`);
      if (part.inlineData && !part.inlineData.data) complaints.push(`${path}: no data`);
    }
  }
  return complaints;
}

/** A turn of calls follows a user's turn, and the turn after it has as many responses, of the same names. */
function pairComplaints(contents: Json[]): string[] {
  const complaints: string[] = [];
  for (const [at, { parts }] of contents.entries()) {
    const calls = parts.filter(({ functionCall }: Json) => functionCall);
    const responses = parts.filter(({ functionResponse }: Json) => functionResponse);
    const namesOf = (list: Json[]): string =>
      list
        .map((part) => (part.functionCall ?? part.functionResponse).name)
        .sort()
        .join();
    if (calls.length > 0) {
      if (contents[at - 1]?.role !== 'user')
        complaints.push(`contents[${at}]: function call turn comes not after a user turn`);
      const answers = (contents[at + 1]?.parts ?? []).filter(({ functionResponse }: Json) => functionResponse);
      if (namesOf(answers) !== namesOf(calls))
        complaints.push(`contents[${at}]: ${calls.length} calls, ${answers.length} responses`);
    }
    if (responses.length > 0 && !contents[at - 1]?.parts.some(({ functionCall }: Json) => functionCall)) {
      complaints.push(`contents[${at}]: function response turn comes not right after a function call turn`);
    }
  }
  return complaints;
}
