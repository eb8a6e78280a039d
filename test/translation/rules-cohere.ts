// What Cohere's servers refuse: https://docs.cohere.com/reference/chat and what their errors say.

// biome-ignore lint/suspicious/noExplicitAny: a request as it goes over the wire
type Json = any;

export function cohereComplaints(body: Json): string[] {
  const { messages, tools, tool_choice: choice } = body;
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
  if (choice !== undefined && !(tools?.length > 0)) complaints.push('tool_choice without tools');
  for (const { function: one } of tools ?? []) if (one && !one.parameters) complaints.push(`no schema of ${one.name}`);
  return complaints;
}

function isEmpty(content: Json): boolean {
  if (!Array.isArray(content)) return !content;
  return content.every((entry) => entry.type === 'text' && entry.text === '');
}
