import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { Losses } from '../losses.ts';

/**
 * Messages in the order that the provider wants. alternate (Perplexity: "user or tool message(s) should alternate with
 * assistant message(s)"): neighbours of one role are made one message. assistant-after-tools (Mistral: "Unexpected role
 * 'user' after role 'tool'"): a word of the assistant stands between.
 */
export function fitTurns(
  messages: readonly JsonObject[],
  turns: Exclude<WireQuirks['turns'], undefined>,
  losses: Losses,
): readonly JsonObject[] {
  const fitted: JsonObject[] = [];
  for (const [at, message] of messages.entries()) {
    const last = fitted.at(-1);
    if (turns === 'alternate' && last !== undefined && isSameTurn(last, message)) {
      fitted[fitted.length - 1] = { ...last, content: joined(last['content'], message['content']) };
      losses.approximated(
        `messages[${at}]`,
        'The provider wants turns: this is sent as one with the message before it.',
      );
    } else if (turns === 'assistant-after-tools' && last?.['role'] === 'tool' && message['role'] === 'user') {
      fitted.push(BRIDGE, message);
      losses.emulated(
        `messages[${at}]`,
        `The provider wants an assistant's turn first: "${BRIDGE.content}" is put in.`,
      );
    } else {
      fitted.push(message);
    }
  }
  return fitted;
}

const BRIDGE = { role: 'assistant', content: 'OK.' } as const;

const MERGED: ReadonlySet<JsonValue | undefined> = new Set(['user', 'assistant']);

function isSameTurn(last: JsonObject, next: JsonObject): boolean {
  return (
    MERGED.has(next['role']) && last['role'] === next['role'] && !('tool_calls' in last) && !('tool_calls' in next)
  );
}

/** Texts with an empty line between them; anything else as a list of parts. */
function joined(first: JsonValue | undefined, second: JsonValue | undefined): JsonValue {
  if (typeof first === 'string' && typeof second === 'string') return `${first}\n\n${second}`;
  return [...partsOf(first), ...partsOf(second)];
}

function partsOf(content: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(content)) return content.filter(isJsonObject);
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}
