import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { WireQuirks } from '../../core/wire-quirks.ts';
import type { Losses } from '../losses.ts';
import { fitToolCallId, type ToolCallIdRule } from '../tool-call-id.ts';
import { fitTurns } from './fit-turns.ts';
import { toolCallIdRule } from './tool-call-rule.ts';

/**
 * The messages of a body as the provider takes them, by its quirks: roles, members, ids of calls, order. The same for a
 * caller's own body and for one that is built, so that a conversation can change its provider. Without quirks they stay
 * as they are.
 */
export function fitMessages(
  messages: JsonValue | undefined,
  quirks: WireQuirks,
  losses: Losses,
): JsonValue | undefined {
  if (!Array.isArray(messages) || !messages.every(isJsonObject)) return messages;
  const { developerRole, dropMessageFields, toolCallIds, turns } = quirks;
  let fitted: readonly JsonObject[] = messages;
  if (developerRole !== undefined) fitted = fitted.map((message) => withRole(message, developerRole));
  if (dropMessageFields !== undefined) fitted = fitted.map((message, at) => without(message, { at, quirks, losses }));
  if (toolCallIds !== undefined) fitted = fitted.map((message) => withIds(message, toolCallIdRule(quirks)));
  return turns === undefined ? fitted : fitTurns(fitted, turns, losses);
}

function withRole(message: JsonObject, role: string): JsonObject {
  return message['role'] === 'developer' ? { ...message, role } : message;
}

interface DropTerms {
  /** Of the message. */
  readonly at: number;
  readonly quirks: WireQuirks;
  readonly losses: Losses;
}

function without(message: JsonObject, terms: DropTerms): JsonObject {
  const path = `messages[${terms.at}]`;
  const kept = withoutFields(message, path, terms);
  const calls = kept['tool_calls'];
  if (!Array.isArray(calls)) return kept;
  const keptCalls = calls.map((call, index) =>
    isJsonObject(call) ? withoutFields(call, `${path}.tool_calls[${index}]`, terms) : call,
  );
  return keptCalls.every((call, index) => call === calls[index]) ? kept : { ...kept, tool_calls: keptCalls };
}

/** A member that says nothing (null, an empty text or list) is left out without a word. */
function withoutFields(json: JsonObject, path: string, { quirks, losses }: DropTerms): JsonObject {
  const dropped = (quirks.dropMessageFields ?? []).filter((name) => Object.hasOwn(json, name));
  if (dropped.length === 0) return json;
  for (const name of dropped) {
    if (!isEmpty(json[name])) losses.dropped(`${path}.${name}`, `The provider takes no ${name} of messages.`);
  }
  return Object.fromEntries(Object.entries(json).filter(([name]) => !dropped.includes(name)));
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function withIds(message: JsonObject, rule: ToolCallIdRule): JsonObject {
  const { tool_calls: calls, tool_call_id: callId } = message;
  const result = typeof callId === 'string' ? { tool_call_id: fitToolCallId(callId, rule) } : {};
  if (!Array.isArray(calls)) return { ...message, ...result };
  const fitted = calls.map((call) =>
    isJsonObject(call) && typeof call['id'] === 'string' ? { ...call, id: fitToolCallId(call['id'], rule) } : call,
  );
  return { ...message, ...result, tool_calls: fitted };
}
