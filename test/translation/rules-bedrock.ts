// What Amazon Bedrock refuses: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

// biome-ignore lint/suspicious/noExplicitAny: a request as it goes over the wire
type Json = any;

const ID = /^[a-zA-Z0-9_-]{1,64}$/;

export function bedrockComplaints(body: Json, model: string): string[] {
  const { messages, system = [], inferenceConfig = {}, toolConfig } = body;
  const complaints = [...turnComplaints(messages), ...pairComplaints(messages), ...documentComplaints(messages)];
  const blocks = messages.flatMap(({ content }: Json) => content);
  if (blocks.some((block: Json) => block.toolUse || block.toolResult) && toolConfig === undefined) {
    complaints.push('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  }
  for (const block of system) if (!block.cachePoint && !block.text?.trim()) complaints.push('a blank system text');
  const { temperature, topP, maxTokens, stopSequences } = inferenceConfig;
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 1)) complaints.push('temperature');
  if (topP !== undefined && !(topP >= 0 && topP <= 1)) complaints.push('topP');
  if (maxTokens !== undefined && !(maxTokens >= 1)) complaints.push('maxTokens');
  if (stopSequences?.some((stop: string) => stop === '')) complaints.push('an empty stop sequence');
  return [...complaints, ...toolComplaints(toolConfig), ...pointComplaints(body), ...claudeComplaints(body, model)];
}

/** What Claude refuses there too: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function claudeComplaints(
  { inferenceConfig = {}, additionalModelRequestFields: more = {}, toolConfig }: Json,
  model: string,
) {
  if (!/claude/.test(model)) return more.thinking || more.top_k ? ["members of Anthropic's alone"] : [];
  const complaints: string[] = [];
  const { temperature, topP, maxTokens } = inferenceConfig;
  const thinks = more.thinking !== undefined && more.thinking.type !== 'disabled';
  if (/4-[5-9]/.test(model) && temperature !== undefined && topP !== undefined) complaints.push('temperature and topP');
  if (/4-[7-9]/.test(model) && (temperature ?? topP ?? more.top_k) !== undefined) complaints.push('sampling');
  if (thinks && (temperature ?? 1) !== 1) complaints.push('temperature with thinking');
  if (thinks && topP !== undefined && topP < 0.95) complaints.push('topP with thinking');
  if (thinks && more.top_k !== undefined) complaints.push('top_k with thinking');
  if (thinks && toolConfig?.toolChoice && !toolConfig.toolChoice.auto) complaints.push('thinking with a forced tool');
  const budget = more.thinking?.budget_tokens;
  if (more.thinking?.type === 'enabled' && !(budget >= 1024 && budget < maxTokens)) complaints.push('budget_tokens');
  return complaints;
}

function toolComplaints(config: Json): string[] {
  if (config === undefined) return [];
  const complaints: string[] = [];
  const specs = config.tools.flatMap(({ toolSpec }: Json) => (toolSpec ? [toolSpec] : []));
  if (specs.length === 0) complaints.push('toolConfig without tools');
  for (const { name, inputSchema, description } of specs) {
    if (!ID.test(name)) complaints.push(`tool ${name}`);
    if (inputSchema?.json?.type !== 'object') complaints.push(`the schema of ${name} is of no object`);
    if (['oneOf', 'allOf', 'anyOf'].some((word) => word in (inputSchema?.json ?? {})))
      complaints.push(`the root of ${name}`);
    if (description === '') complaints.push(`an empty description of ${name}`);
  }
  const named = config.toolChoice?.tool?.name;
  if (named !== undefined && !specs.some(({ name }: Json) => name === named)) complaints.push(`toolChoice ${named}`);
  return complaints;
}

function pointComplaints({ toolConfig, system = [], messages }: Json): string[] {
  const lists = [toolConfig?.tools ?? [], system, ...messages.map(({ content }: Json) => content)];
  const complaints: string[] = [];
  const points = lists.flatMap((list: Json[]) => list.flatMap(({ cachePoint }) => (cachePoint ? [cachePoint] : [])));
  if (points.length > 4) complaints.push(`${points.length} cache points`);
  for (const list of lists) if (list[0]?.cachePoint) complaints.push('a cache point after nothing');
  const ttls = points.map(({ ttl = '5m' }) => ttl);
  if (ttls.indexOf('5m') >= 0 && ttls.includes('1h', ttls.indexOf('5m'))) complaints.push("ttl='1h' after ttl='5m'");
  return complaints;
}

function turnComplaints(messages: Json[]): string[] {
  const complaints: string[] = [];
  if (messages[0]?.role !== 'user') complaints.push('A conversation must start with a user message.');
  for (const [at, { role, content }] of messages.entries()) {
    const path = `messages[${at}]`;
    if (messages[at - 1]?.role === role) complaints.push(`${path}: no alternation`);
    if (content.length === 0) complaints.push(`${path} is empty`);
    for (const block of content) {
      if (block.text !== undefined && block.text.trim() === '') complaints.push(`${path}: The text field is blank.`);
      if ((block.toolUse || block.reasoningContent) && role !== 'assistant') complaints.push(`${path}: ${role}`);
      if ((block.toolResult || block.image || block.document || block.video) && role !== 'user')
        complaints.push(`${path}: ${role}`);
      if (block.toolUse && !ID.test(block.toolUse.toolUseId)) complaints.push(`${path}: id ${block.toolUse.toolUseId}`);
      if (block.toolUse && !ID.test(block.toolUse.name)) complaints.push(`${path}: tool ${block.toolUse.name}`);
      if (block.toolUse && (typeof block.toolUse.input !== 'object' || Array.isArray(block.toolUse.input)))
        complaints.push(`${path}: input`);
      if (block.toolResult?.content?.some((inner: Json) => inner.text?.trim() === ''))
        complaints.push(`${path}: a blank result`);
      if (block.toolResult && !(block.toolResult.content?.length > 0))
        complaints.push(`${path}: a result without content`);
      if (block.reasoningContent?.reasoningText && !block.reasoningContent.reasoningText.signature)
        complaints.push(`${path}: no signature`);
    }
  }
  const last = messages.at(-1);
  const end = last?.role === 'assistant' ? last.content.at(-1) : undefined;
  if (end?.text !== undefined && end.text !== end.text.trimEnd()) complaints.push('the prefill ends in white space');
  if (end?.toolUse) complaints.push('the last message is a call');
  return complaints;
}

/** Each call has its result in the next message, and no result is without its call. */
function pairComplaints(messages: Json[]): string[] {
  const complaints: string[] = [];
  const seen = new Set<string>();
  let open: string[] = [];
  for (const [at, { content }] of messages.entries()) {
    const answered: string[] = content.flatMap(({ toolResult }: Json) => (toolResult ? [toolResult.toolUseId] : []));
    if (open.some((id) => !answered.includes(id))) complaints.push(`messages[${at}]: a call without result`);
    if (answered.some((id) => !open.includes(id))) complaints.push(`messages[${at}]: a result without call`);
    if (new Set(answered).size < answered.length) complaints.push(`messages[${at}]: two results of one call`);
    open = content.flatMap(({ toolUse }: Json) => (toolUse ? [toolUse.toolUseId] : []));
    for (const id of open) {
      if (seen.has(id)) complaints.push(`messages[${at}]: id ${id} again`);
      seen.add(id);
    }
  }
  return complaints;
}

function documentComplaints(messages: Json[]): string[] {
  const complaints: string[] = [];
  const names = new Set<string>();
  for (const { content } of messages) {
    const all = content.flatMap((block: Json) => [block, ...(block.toolResult?.content ?? [])]);
    for (const { document } of all) {
      if (document === undefined) continue;
      if (!/^[a-zA-Z0-9 \-()[\]]{1,200}$/.test(document.name) || / {2}/.test(document.name))
        complaints.push(`document "${document.name}"`);
      if (names.has(document.name)) complaints.push(`document "${document.name}" again`);
      names.add(document.name);
    }
    const documents = content.some(({ document }: Json) => document);
    if (documents && !content.some(({ text }: Json) => text)) complaints.push('a document without words');
  }
  return complaints;
}
