// What Anthropic's servers refuse: https://platform.claude.com/docs/en/api/messages and what their errors say.

// biome-ignore lint/suspicious/noExplicitAny: a request as it goes over the wire
type Json = any;

const ID = /^[a-zA-Z0-9_-]{1,64}$/;
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const IMAGE_TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const blocksOf = (content: Json): Json[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);

export function anthropicComplaints(body: Json): string[] {
  const { messages, system, tools, max_tokens: most, output_config: output } = body;
  const complaints = [
    ...turnComplaints(messages),
    ...pairComplaints(messages),
    ...toolComplaints(body),
    ...markComplaints(body),
    ...samplingComplaints(body),
  ];
  for (const block of blocksOf(system)) {
    if (block.type !== 'text' || block.text.trim() === '') complaints.push('a block of the system prompt is no text');
  }
  if (system !== undefined && blocksOf(system).length === 0) complaints.push('an empty system prompt');
  if (!(most >= 1)) complaints.push('no max_tokens');
  if (tools?.length === 0) complaints.push('tools are an empty list');
  if (output?.format && output.format.schema.type !== 'object')
    complaints.push('the schema of the answer is of no object');
  return complaints;
}

function turnComplaints(messages: Json[]): string[] {
  const complaints: string[] = [];
  if (messages[0]?.role !== 'user') complaints.push('the first message is not the user');
  for (const [at, { role, content }] of messages.entries()) {
    const blocks = blocksOf(content);
    if (role !== 'user' && role !== 'assistant') complaints.push(`messages[${at}]: role ${role}`);
    if (at > 0 && messages[at - 1].role === role) complaints.push(`messages[${at}]: no alternation`);
    if (blocks.length === 0) complaints.push(`messages[${at}] is empty`);
    complaints.push(...blocks.flatMap((block) => blockComplaints(block, role, `messages[${at}]`)));
  }
  const last = messages.at(-1);
  const end = last?.role === 'assistant' ? blocksOf(last.content).at(-1) : undefined;
  if (end?.type === 'text' && end.text !== end.text.trimEnd()) complaints.push('the prefill ends in white space');
  if (end?.type === 'thinking' || end?.type === 'redacted_thinking') complaints.push('the last block is a thought');
  if (end?.type === 'tool_use') complaints.push('the last message is a call');
  return complaints;
}

const ASSISTANT_ALONE = new Set(['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use']);

function blockComplaints(block: Json, role: string, path: string): string[] {
  const complaints: string[] = [];
  const refuse = (wrong: boolean, why: string): void => {
    if (wrong) complaints.push(`${path}: ${why}`);
  };
  refuse(ASSISTANT_ALONE.has(block.type) && role !== 'assistant', `${block.type} of a ${role}`);
  refuse(/^(?:tool_result|image|document)$/.test(block.type) && role !== 'user', `${block.type} of a ${role}`);
  switch (block.type) {
    case 'text':
      refuse(typeof block.text !== 'string' || block.text.trim() === '', 'blank text');
      break;
    case 'image':
    case 'document':
      complaints.push(...sourceComplaints(block, path));
      break;
    case 'tool_use':
      refuse(!ID.test(block.id), `id ${block.id}`);
      refuse(!NAME.test(block.name), `tool ${block.name}`);
      refuse(
        typeof block.input !== 'object' || block.input === null || Array.isArray(block.input),
        'input is no object',
      );
      break;
    case 'tool_result':
      refuse(!ID.test(block.tool_use_id), `id ${block.tool_use_id}`);
      for (const inner of blocksOf(block.content)) {
        refuse(!/^(?:text|image|document|search_result)$/.test(inner.type), `${inner.type} in a result`);
        refuse(block.is_error === true && inner.type !== 'text', 'a failed tool says more than text');
        complaints.push(...blockComplaints(inner, 'user', `${path}.tool_result`));
      }
      break;
    case 'thinking':
      refuse(!block.signature, 'a thought without signature');
      break;
    case 'redacted_thinking':
      refuse(!block.data, 'no data');
      break;
    default:
      refuse(
        !/^(?:server_tool_use|mcp_tool_use|\w+_tool_result|search_result|container_upload)$/.test(block.type),
        `type ${block.type}`,
      );
  }
  return complaints;
}

function sourceComplaints({ type, source }: Json, path: string): string[] {
  if (source.type === 'base64') {
    const fine = type === 'image' ? IMAGE_TYPES.has(source.media_type) : source.media_type === 'application/pdf';
    return fine && source.data !== ''
      ? []
      : [`${path}: ${type} of ${source.media_type}, ${source.data.length} characters`];
  }
  if (source.type === 'url') return /^https?:/.test(source.url) ? [] : [`${path}: ${type} at ${source.url}`];
  if (source.type === 'text') return source.data.trim() === '' ? [`${path}: an empty document`] : [];
  if (source.type !== 'file') return [`${path}: source ${source.type}`];
  return /^file-of-(?!anthropic-messages)/.test(source.file_id) ? [`${path}: no file ${source.file_id}`] : [];
}

/** Each call has its result in the very next message, where results stand first. */
function pairComplaints(messages: Json[]): string[] {
  const complaints: string[] = [];
  const seen = new Set<string>();
  let open: string[] = [];
  for (const [at, { content }] of messages.entries()) {
    const blocks = blocksOf(content);
    const results = blocks.filter(({ type }) => type === 'tool_result');
    const answered = results.map(({ tool_use_id }) => tool_use_id);
    if (open.some((id) => !answered.includes(id))) complaints.push(`messages[${at}]: a call without result`);
    if (answered.some((id) => !open.includes(id))) complaints.push(`messages[${at}]: a result without call`);
    if (new Set(answered).size < answered.length) complaints.push(`messages[${at}]: two results of one call`);
    if (blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result'))
      complaints.push(`messages[${at}]: words before results`);
    open = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
    for (const id of open) {
      if (seen.has(id)) complaints.push(`messages[${at}]: id ${id} again`);
      seen.add(id);
    }
  }
  return complaints;
}

function toolComplaints({ messages, tools = [], tool_choice: choice, thinking, max_tokens: most }: Json): string[] {
  const complaints: string[] = [];
  const names = tools.map(({ name }: Json) => name);
  const used = messages.some(({ content }: Json) =>
    blocksOf(content).some(({ type }) => /^tool_(?:use|result)$/.test(type)),
  );
  if (used && tools.length === 0) complaints.push('Requests which include tool blocks must define tools');
  if (choice !== undefined && tools.length === 0) complaints.push('tool_choice without tools');
  if (choice?.type === 'tool' && !names.includes(choice.name)) complaints.push(`tool_choice names ${choice.name}`);
  if (new Set(names).size < names.length) complaints.push('two tools of one name');
  for (const tool of tools) {
    if (tool.type === undefined || tool.type === 'custom') {
      if (tool.input_schema?.type !== 'object') complaints.push(`the schema of ${tool.name} is of no object`);
      if (['oneOf', 'allOf', 'anyOf'].some((word) => word in (tool.input_schema ?? {})))
        complaints.push('input_schema does not support oneOf, allOf, or anyOf at the top level');
      if (!NAME.test(tool.name)) complaints.push(`tool ${tool.name}`);
    }
  }
  const thinks = thinking !== undefined && thinking.type !== 'disabled';
  if (thinks && (choice?.type === 'any' || choice?.type === 'tool')) complaints.push('thinking with a forced tool');
  if (thinking?.type === 'enabled') {
    if (!(thinking.budget_tokens >= 1024 && thinking.budget_tokens < most)) complaints.push('budget_tokens');
    const hasResult = ({ content }: Json): boolean => blocksOf(content).some(({ type }) => type === 'tool_result');
    const asked = messages.findLastIndex((message: Json) => message.role === 'user' && !hasResult(message));
    const goesOn = hasResult(messages.at(-1));
    const first = blocksOf(messages.slice(asked + 1).find(({ role }: Json) => role === 'assistant')?.content)[0]?.type;
    if (goesOn && first !== 'thinking' && first !== 'redacted_thinking') {
      complaints.push(`Expected thinking, but found ${first}`);
    }
  }
  return complaints;
}

/** In the order of tools, system, messages: at most four marks, none on thoughts, no longer one after a shorter. */
function markComplaints({ tools, system, messages }: Json): string[] {
  const complaints: string[] = [];
  const ttls: string[] = [];
  const visit = (block: Json): void => {
    if (typeof block !== 'object' || block === null) return;
    for (const inner of Array.isArray(block.content) ? block.content : []) visit(inner);
    if (block.cache_control === undefined) return;
    ttls.push(block.cache_control.ttl ?? '5m');
    if (/thinking/.test(block.type ?? '')) complaints.push('a mark on a thought');
  };
  for (const list of [tools, system]) if (Array.isArray(list)) list.forEach(visit);
  for (const { content } of messages) if (Array.isArray(content)) content.forEach(visit);
  if (ttls.length > 4) complaints.push(`${ttls.length} cache marks`);
  const first5m = ttls.indexOf('5m');
  if (first5m >= 0 && ttls.includes('1h', first5m)) complaints.push("ttl='1h' after ttl='5m'");
  if (ttls.some((ttl) => ttl !== '5m' && ttl !== '1h')) complaints.push(`ttl ${ttls}`);
  return complaints;
}

function samplingComplaints({
  temperature,
  top_p,
  top_k,
  thinking,
  stop_sequences: stops,
  model,
  metadata,
}: Json): string[] {
  const complaints: string[] = [];
  const thinks = thinking !== undefined && thinking.type !== 'disabled';
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 1))
    complaints.push(`temperature ${temperature}`);
  if (thinks && (temperature ?? 1) !== 1) complaints.push('temperature with thinking');
  if (thinks && top_k !== undefined) complaints.push('top_k with thinking');
  if (/4-[5-9]/.test(model) && temperature !== undefined && top_p !== undefined)
    complaints.push('temperature and top_p');
  if (stops?.some((stop: string) => stop.trim() === '')) complaints.push('a blank stop sequence');
  if (metadata?.user_id?.length > 256) complaints.push('user_id');
  return complaints;
}
