import { validatorOf } from '../dialects/support/schema.ts';

// What OpenAI's servers refuse: what their own document says, and what it does not say of the order of a conversation.

// biome-ignore lint/suspicious/noExplicitAny: a request as it goes over the wire
type Json = any;

const validators = new Map<string, ReturnType<typeof validatorOf>>();

function schemaComplaints(schema: string, value: Json, path = ''): string[] {
  const validate = validators.get(schema) ?? validatorOf(schema);
  validators.set(schema, validate);
  if (validate(value)) return [];
  return [...new Set((validate.errors ?? []).map(({ instancePath, message }) => `${path}${instancePath} ${message}`))];
}

const CHAT_MESSAGE: ReadonlyMap<string, string> = new Map(
  ['system', 'developer', 'user', 'assistant', 'tool'].map((role) => [
    role,
    `ChatCompletionRequest${role.charAt(0).toUpperCase()}${role.slice(1)}Message`,
  ]),
);

/** Messages and items by the schema of their own kind: what a union of thirty says of a fault tells nobody anything. */
export function openAiComplaints(
  dialect: 'openai-chat' | 'openai-responses' | 'openai-completions',
  body: Json,
): string[] {
  if (dialect === 'openai-completions') return schemaComplaints('CreateCompletionRequest', body);
  if (dialect === 'openai-responses') {
    return [
      ...schemaComplaints('CreateResponse', { ...withoutOpenSets(body), input: 'x', tools: [] }),
      ...(body.tools ?? []).flatMap(responsesToolComplaints),
      ...(Array.isArray(body.input) ? body.input : []).flatMap(itemComplaints),
      ...responsesComplaints(body),
      ...jsonComplaints(body.text?.format, body.input),
      ...nameComplaints((body.tools ?? []).map((tool: Json) => tool.name)),
      ...rootComplaints(body.text?.format?.schema, body.text?.format?.strict, 'text.format'),
      ...(Array.isArray(body.input) ? body.input : []).flatMap((item: Json) => [
        ...mediaComplaints(item.content),
        ...mediaComplaints(item.output),
      ]),
    ];
  }
  return [
    ...schemaComplaints('CreateChatCompletionRequest', {
      ...withoutOpenSets(body),
      messages: [{ role: 'user', content: 'x' }],
    }),
    ...body.messages.flatMap((message: Json) =>
      schemaComplaints(CHAT_MESSAGE.get(message.role) ?? 'none', withKnownSound(message), message.role),
    ),
    ...chatComplaints(body),
    ...jsonComplaints(body.response_format, body.messages),
    ...nameComplaints((body.tools ?? []).map((tool: Json) => (tool.function ?? tool.custom)?.name)),
    ...nameComplaints([body.response_format?.json_schema?.name]),
    ...(body.tools ?? []).flatMap(({ function: one }: Json) =>
      rootComplaints(one?.parameters, one?.strict, one?.name, FUNCTION_ROOT),
    ),
    ...rootComplaints(
      body.response_format?.json_schema?.schema,
      body.response_format?.json_schema?.strict,
      'response_format',
    ),
    ...body.messages.flatMap(({ content }: Json) => mediaComplaints(content)),
  ];
}

/** Words that other servers of the format add to: the contract has them as texts, and what is unknown is for the provider to say. */
function withoutOpenSets({ modalities: _, service_tier: __, ...others }: Json): Json {
  return others;
}

/** The same for the codecs of sound. */
function withKnownSound(message: Json): Json {
  if (!Array.isArray(message.content)) return message;
  const content = message.content.map((entry: Json) =>
    entry.type === 'input_audio' ? { ...entry, input_audio: { ...entry.input_audio, format: 'wav' } } : entry,
  );
  return { ...message, content };
}

const ITEM: ReadonlyMap<string, string> = new Map([
  ['function_call', 'FunctionToolCall'],
  ['function_call_output', 'FunctionCallOutputItemParam'],
  ['custom_tool_call', 'CustomToolCall'],
  ['custom_tool_call_output', 'CustomToolCallOutput'],
  ['reasoning', 'ReasoningItem'],
  ['item_reference', 'ItemReferenceParam'],
]);

function itemComplaints(item: Json): string[] {
  const kind = item.type ?? (item.role === undefined ? 'none' : 'message');
  if (/_output$/.test(kind)) {
    return schemaComplaints(ITEM.get(kind) ?? 'none', { ...item, output: withDetails(item.output) }, kind);
  }
  if (kind !== 'message')
    return schemaComplaints(
      ITEM.get(kind) ?? 'none',
      { ...item, ...(kind === 'reasoning' && { id: item.id ?? '' }) },
      kind,
    );
  if (item.id !== undefined) {
    const content = item.content.map((entry: Json) =>
      entry.type === 'output_text' ? { logprobs: [], ...entry } : entry,
    );
    return schemaComplaints('OutputMessage', { ...item, content }, 'output');
  }
  // Words of the assistant's pass without an id, and pictures without a detail, which the document does not know.
  const content = Array.isArray(item.content) && item.role === 'assistant' ? 'x' : withDetails(item.content);
  return schemaComplaints('EasyInputMessage', { ...item, content }, item.role);
}

function withDetails(content: Json): Json {
  if (!Array.isArray(content)) return content;
  return content.map((entry) => (entry.type === 'input_image' ? { detail: 'auto', ...entry } : entry));
}

/** Without "strict" the API holds a function to its schema as if all of its members were required. */
function responsesToolComplaints(tool: Json): string[] {
  if (tool.type === 'function') {
    return [
      ...schemaComplaints('FunctionTool', tool, tool.type),
      ...(tool.parameters === null ? [] : rootComplaints(tool.parameters, tool.strict, tool.name, FUNCTION_ROOT)),
    ];
  }
  return tool.type === 'custom' ? schemaComplaints('CustomToolParam', tool, tool.type) : [];
}

/** Each tool message answers a call of the assistant's message before it, and all are answered before anybody else speaks. */
function chatComplaints({ messages, tools, tool_choice: choice, parallel_tool_calls: parallel }: Json): string[] {
  const complaints: string[] = [];
  let open = new Set<string>();
  if (messages.length === 0) complaints.push('no messages');
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) complaints.push(`messages[${at}] answers no call`);
      continue;
    }
    if (open.size > 0) complaints.push(`messages[${at}]: calls without results before it`);
    const ids: string[] = (message.tool_calls ?? []).map(({ id }: Json) => id);
    if (new Set(ids).size < ids.length) complaints.push(`messages[${at}] repeats an id`);
    if (ids.some((id) => id === '' || id.length > 40)) complaints.push(`messages[${at}] has an id of wrong length`);
    if (message.tool_calls?.length === 0) complaints.push(`messages[${at}] has no calls in its list`);
    open = new Set(ids);
    if (message.role === 'assistant' && (message.content ?? '') === '' && ids.length === 0 && !message.audio) {
      complaints.push(`messages[${at}] is empty`);
    }
  }
  return [...complaints, ...toolComplaints(tools, choice, parallel)];
}

function toolComplaints(tools: Json, choice: Json, parallel: Json): string[] {
  if (tools?.length > 0) return [];
  const complaints = tools === undefined ? [] : ['tools are an empty list'];
  if (choice !== undefined) complaints.push('tool_choice without tools');
  if (parallel !== undefined) complaints.push('parallel_tool_calls without tools');
  return complaints;
}

/** Outputs answer calls, and calls have outputs; thoughts are followed by what they led to. */
function responsesComplaints({ input, tools, tool_choice: choice }: Json): string[] {
  const complaints: string[] = [];
  const calls = new Map<string, string>();
  const outputs = new Set<string>();
  if (!Array.isArray(input)) return complaints;
  if (input.length === 0) complaints.push('no input');
  for (const [at, item] of input.entries()) {
    const kind = /^(function|custom_tool)_call(_output)?$/.exec(item.type ?? '');
    if (kind === null) continue;
    const [, of = '', isOutput] = kind;
    if (item.call_id === '' || item.call_id.length > 64) complaints.push(`input[${at}] has an id of wrong length`);
    if (isOutput === undefined) {
      if (calls.has(item.call_id)) complaints.push(`input[${at}] repeats an id`);
      calls.set(item.call_id, of);
    } else {
      if (calls.get(item.call_id) !== of) complaints.push(`input[${at}] answers no call`);
      if (outputs.has(item.call_id)) complaints.push(`input[${at}] answers a call again`);
      outputs.add(item.call_id);
    }
  }
  for (const id of calls.keys()) if (!outputs.has(id)) complaints.push(`No tool output found for function call ${id}`);
  if (!(tools?.length > 0) && choice !== undefined && choice !== 'auto' && choice !== 'none') {
    complaints.push('tool_choice without tools');
  }
  return complaints;
}

/** "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern ..." */
function nameComplaints(names: Json[]): string[] {
  return names
    .filter((name) => name !== undefined && !/^[a-zA-Z0-9_-]{1,64}$/.test(name))
    .map((name) => `name ${name}`);
}

/** "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level" */
const FUNCTION_ROOT = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'];

/** What stands at the root of a schema, and what strict ones hold at every level. */
function rootComplaints(schema: Json, strict: Json, where: string, refused: readonly string[] = ['anyOf']): string[] {
  if (schema === undefined) return [];
  const complaints = schema.type === 'object' || Object.keys(schema).length === 0 ? [] : [`${where} is no object`];
  for (const keyword of refused) if (keyword in schema) complaints.push(`${where} has ${keyword} at its root`);
  if (strict === true && !isStrict(schema)) complaints.push(`${where} is not strict`);
  return complaints;
}

/** https://developers.openai.com/api/docs/guides/structured-outputs: all members required, and no others. */
function isStrict(schema: Json): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  if (Array.isArray(schema)) return schema.every(isStrict);
  const names = Object.keys(schema.properties ?? {});
  const closed = schema.type !== 'object' || schema.additionalProperties === false;
  return closed && names.every((name) => schema.required?.includes(name)) && Object.values(schema).every(isStrict);
}

const PICTURE = /^(?:https?:\/\/.|data:image\/(?:png|jpeg|webp|gif);base64,.)/;

/** Pictures of four kinds, documents of one (in chats) or with a name, by addresses of the web, files of OpenAI's own. */
function mediaComplaints(content: Json): string[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap(({ type, image_url: image, file_url: url, file_id, filename, file_data, file }: Json) => {
    const id = file_id ?? file?.file_id;
    if ((id ?? url) !== undefined && (filename ?? file?.filename) !== undefined) return [`a name beside ${id ?? url}`];
    if (id !== undefined && !/^file-(?:\d+|of-openai-.*)$/.test(id)) return [`${id} is not OpenAI's`];
    if (type === 'image_url' && !PICTURE.test(image.url)) return [`no picture: ${image.url}`];
    if (type === 'input_image' && id === undefined && !PICTURE.test(image)) return [`no picture: ${image}`];
    if (type === 'input_file' && url !== undefined && !/^https?:/.test(url)) return [`no address: ${url}`];
    if (type === 'input_file' && file_data !== undefined && (!filename || !isFileOfResponses(filename, file_data))) {
      return [`no file: ${filename} ${file_data}`];
    }
    const known =
      type !== 'file' || id !== undefined || (file.filename && /^data:application\/pdf;base64,./.test(file.file_data));
    return known ? [] : [`no document: ${file.filename} ${file.file_data}`];
  });
}

function isFileOfResponses(filename: string, data: string): boolean {
  return /\.[a-z]+$/.test(filename) && /^data:[a-z]+\/[-+.\w]+;base64,./.test(data) && !/octet-stream|x-odd/.test(data);
}

/** "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'" */
function jsonComplaints(format: Json, messages: Json): string[] {
  return format?.type === 'json_object' && !/json/i.test(JSON.stringify(messages)) ? ['no word of JSON'] : [];
}
