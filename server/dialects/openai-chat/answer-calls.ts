import type { JsonObject, JsonValue } from '../../core/json.ts';
import { objectOf, objectsOf, stringOf, textOfAnswer } from '../read-answer.ts';
import { thoughtSignature } from './thought-signature.ts';

/** A call of a tool as a message or a delta gives it: all of it, or a piece. */
export interface WireCall {
  /** Which call of the choice it belongs to; undefined where the provider does not say. */
  readonly index: number | undefined;
  /** Empty where it is not given (again). */
  readonly id: string;
  readonly name: string;
  readonly input: string;
  /** A tool that takes free text instead of JSON. */
  readonly custom: boolean;
  /** Gemini's proof of the thought behind the call; empty where there is none. */
  readonly signature: string;
}

/** The calls of a message or delta, the deprecated single one too. */
export function wireCalls(json: JsonObject): readonly WireCall[] {
  const single = objectOf(json['function_call']);
  const calls = objectsOf(json['tool_calls']).map(wireCall);
  return single === undefined ? calls : [...calls, ofFunction({}, single)];
}

function wireCall(json: JsonObject): WireCall {
  const custom = objectOf(json['custom']);
  if (custom === undefined) return ofFunction(json, objectOf(json['function']) ?? {});
  return { ...headOf(json), name: stringOf(custom['name']), input: stringOf(custom['input']), custom: true };
}

function ofFunction(json: JsonObject, called: JsonObject): WireCall {
  return { ...headOf(json), name: stringOf(called['name']), input: argumentsText(called['arguments']), custom: false };
}

function headOf(json: JsonObject): Pick<WireCall, 'index' | 'id' | 'signature'> {
  const { index } = json;
  const signature = thoughtSignature(json);
  return { index: typeof index === 'number' ? index : undefined, id: stringOf(json['id']), signature };
}

/** Arguments are JSON text; some servers send the JSON itself. */
function argumentsText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : textOfAnswer(value);
}
