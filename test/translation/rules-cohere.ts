// What Cohere's servers refuse: https://docs.cohere.com/reference/chat and what their errors say.

// biome-ignore lint/suspicious/noExplicitAny: a request as it goes over the wire
type Json = any;

const NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;

export function cohereComplaints(body: Json, model: string): string[] {
  const { messages, tools, tool_choice: choice, response_format: format, documents } = body;
  const complaints: string[] = [];
  let open = new Set<string>();
  if (messages.length === 0) complaints.push('no messages');
  for (const [at, message] of messages.entries()) {
    const path = `messages[${at}]`;
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) complaints.push(`${path} answers no call`);
      continue;
    }
    if (open.size > 0) complaints.push(`${path}: calls without results before it`);
    const ids: string[] = (message.tool_calls ?? []).map(({ id }: Json) => id);
    if (new Set(ids).size < ids.length || ids.includes('')) complaints.push(`${path}: ids ${ids}`);
    open = new Set(ids);
    if (isEmpty(message.content) && ids.length === 0 && !message.tool_plan) complaints.push(`${path} is empty`);
  }
  if (open.size > 0) complaints.push('calls without results at the end');
  if (tools?.length === 0) complaints.push('tools are an empty list');
  // https://docs.cohere.com/docs/structured-outputs
  const json = format?.type === 'json_object';
  if (json && (tools || documents)) complaints.push('response_format with tools or documents');
  if (json && format.json_schema) complaints.push(...schemaComplaints(format.json_schema));
  const names = [
    ...(tools ?? []).map((tool: Json) => tool.function?.name),
    ...messages.flatMap(({ tool_calls: calls = [] }: Json) => calls.map((call: Json) => call.function.name)),
  ];
  for (const name of names) if (name !== undefined && !NAME.test(name)) complaints.push(`tool ${name}`);
  for (const entry of messages.flatMap(({ content }: Json) => (Array.isArray(content) ? content : []))) {
    if (entry.type !== 'image_url') continue;
    if (/^command-(?:a-(?:03|reasoning)|r)/.test(model)) complaints.push('a picture for a model that sees none');
    if (!/^https?:|^data:image\/(?:png|jpeg|webp|gif);base64,./.test(entry.image_url.url))
      complaints.push(`a picture at ${entry.image_url.url.slice(0, 40)}`);
  }
  if (choice !== undefined && !(tools?.length > 0)) complaints.push('tool_choice without tools');
  for (const { function: one } of tools ?? [])
    if (one && one.parameters?.type !== 'object') complaints.push(`no schema of an object for ${one.name}`);
  return complaints;
}

/** An object at the root, and in each object a member that must be there. */
function schemaComplaints(schema: Json): string[] {
  if (schema.type !== 'object') return ['a schema of no object'];
  return schema.required?.length > 0 ? [] : ['a schema without a required member'];
}

function isEmpty(content: Json): boolean {
  if (!Array.isArray(content)) return !content;
  return content.every((entry) => entry.type === 'text' && entry.text === '');
}
