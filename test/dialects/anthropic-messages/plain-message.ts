// biome-ignore lint/suspicious/noExplicitAny: a reading of foreign JSON without help of the code under test
type Json = any;

/** What an answer says, read independently of the codecs. */
export interface PlainMessage {
  readonly text: string;
  readonly thoughts: string;
  readonly signatures: string;
  readonly tools: readonly (readonly [string, unknown])[];
  readonly citations: number;
  readonly blocks: number;
  readonly stop: string;
  readonly input: number;
  readonly output: number;
}

export function readMessage(body: Json): PlainMessage {
  const of = (type: string): Json[] => body.content.filter((block: Json) => block.type === type);
  const join = (texts: string[]): string => texts.join('');
  return {
    text: join(of('text').map(({ text }) => text)),
    thoughts: join(of('thinking').map(({ thinking }) => thinking)),
    signatures: join(of('thinking').map(({ signature }) => signature)),
    tools: of('tool_use').map(({ name, input }) => [name, input]),
    citations: of('text').flatMap(({ citations }) => citations ?? []).length,
    blocks: body.content.length,
    stop: body.stop_reason,
    input:
      body.usage.input_tokens +
      (body.usage.cache_creation_input_tokens ?? 0) +
      (body.usage.cache_read_input_tokens ?? 0),
    output: body.usage.output_tokens,
  };
}

/** The message that the events of a stream add up to; fails where they break the API's rules. */
export function collect(events: readonly Json[]): Json {
  let message: Json;
  let open: number | undefined;
  const json: string[] = [];
  const check = (fine: boolean, what: string): void => {
    if (!fine) throw new Error(what);
  };
  for (const [position, event] of events.entries()) {
    check((event.type === 'message_start') === (position === 0), `message_start at ${position}`);
    check((event.type === 'message_stop') === (position === events.length - 1), `message_stop at ${position}`);
    if (event.type === 'message_start') message = structuredClone(event.message);
    if (event.type === 'content_block_start') {
      check(open === undefined, `two blocks open at ${position}`);
      check(event.index === message.content.length, `block ${event.index} where ${message.content.length} was next`);
      open = event.index;
      message.content.push(structuredClone(event.content_block));
      json.push('');
    }
    if (event.type === 'content_block_delta') {
      check(open === event.index, `delta of block ${event.index}, open is ${open}`);
      addDelta(message.content[event.index], event.delta, json, event.index);
    }
    if (event.type === 'content_block_stop') {
      check(open === event.index, `stop of block ${event.index}, open is ${open}`);
      open = undefined;
      if (json[event.index]) message.content[event.index].input = JSON.parse(json[event.index] ?? '');
    }
    if (event.type === 'message_delta') {
      check(open === undefined, 'message_delta within a block');
      Object.assign(message, event.delta);
      for (const [name, value] of Object.entries(event.usage ?? {})) if (value !== null) message.usage[name] = value;
    }
  }
  return message;
}

function addDelta(block: Json, delta: Json, json: string[], index: number): void {
  if (delta.type === 'text_delta') block.text += delta.text;
  if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
  if (delta.type === 'signature_delta') block.signature = delta.signature;
  if (delta.type === 'input_json_delta') json[index] += delta.partial_json;
  if (delta.type === 'citations_delta') block.citations = [...(block.citations ?? []), delta.citation];
}
