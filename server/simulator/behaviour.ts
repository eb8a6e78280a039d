import { SluiceError } from '../errors/sluice-error.ts';
import type { FaultUse } from './faults/fault.ts';
import { parseFaults } from './faults/parse-faults.ts';

/**
 * How a request is answered. The last of these that says something holds: the simulator's options; headers of the
 * request; the query of the model's name, which gets through a gateway, as in
 * "simulated-chat?fault=cut&after=3&latency=50"; a function in the options.
 *
 * | header                  | query             | meaning                                                     |
 * |-------------------------|-------------------|-------------------------------------------------------------|
 * | x-sim-latency-ms        | latency           | milliseconds until the first token                          |
 * | x-sim-tokens-per-second | tokens-per-second | speed from there on; 0: as fast as it goes                  |
 * | x-sim-output-tokens     | output-tokens     | exact length of an answer in words                          |
 * | x-sim-cached-tokens     | cached-tokens     | tokens of the prompt that count as read from a cache        |
 * | x-sim-fault             | fault             | faults to inject, as in "status=429;retry-after=2"          |
 * | x-sim-fault-rate        | fault-rate        | how likely they strike, 0 to 1                              |
 * | x-sim-fault-first       | fault-first       | they strike only the first so many requests with this model |
 *
 * In the query, other names are parameters of the faults.
 */
export interface BehaviourSettings {
  readonly latencyMs?: number;
  readonly tokensPerSecond?: number;
  readonly outputTokens?: number;
  readonly cachedTokens?: number;
  readonly fault?: string;
  readonly faultRate?: number;
  readonly faultFirst?: number;
}

/** The settings of one request, all decided but chance. */
export interface Behaviour {
  readonly latencyMs: number;
  /** Infinity: as fast as it goes. */
  readonly tokensPerSecond: number;
  readonly outputTokens: number | undefined;
  readonly cachedTokens: number;
  readonly faults: readonly FaultUse[];
  readonly faultRate: number;
  readonly faultFirst: number;
}

const NUMBERS = [
  ['latencyMs', 'latency-ms', 'latency'],
  ['tokensPerSecond', 'tokens-per-second', 'tokens-per-second'],
  ['outputTokens', 'output-tokens', 'output-tokens'],
  ['cachedTokens', 'cached-tokens', 'cached-tokens'],
  ['faultRate', 'fault-rate', 'fault-rate'],
  ['faultFirst', 'fault-first', 'fault-first'],
] as const;

/** The most tokens that an answer can be asked to have: it is planned as a whole before it is sent. */
const MAX_OUTPUT_TOKENS = 1_000_000;

/** Headers by their names in lower case, as node:http has them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A model's name without its query. */
export function plainModel(model: string): string {
  return model.split('?', 1)[0] ?? model;
}

/** The behaviour for one request. Throws SluiceError INVALID_REQUEST for settings that cannot be. */
export function decideBehaviour(
  request: { readonly headers: RequestHeaders; readonly model: string },
  defaults: BehaviourSettings,
  own: BehaviourSettings,
): Behaviour {
  const query = new URLSearchParams(request.model.slice(plainModel(request.model).length + 1));
  const inQuery = fromQuery(query);
  const settings = { ...defaults, ...fromHeaders(request.headers), ...inQuery.settings, ...own };
  return {
    latencyMs: settings.latencyMs ?? 0,
    tokensPerSecond: settings.tokensPerSecond || Infinity,
    outputTokens: bounded(settings.outputTokens),
    cachedTokens: settings.cachedTokens ?? 0,
    faults: parseFaults(settings.fault ?? '', own.fault === undefined ? inQuery.extras : new Map()),
    faultRate: settings.faultRate ?? 1,
    faultFirst: settings.faultFirst ?? Infinity,
  };
}

function fromHeaders(headers: RequestHeaders): BehaviourSettings {
  const read = (name: string): string | undefined => headers[`x-sim-${name}`]?.toString();
  const fault = read('fault');
  const numbers = NUMBERS.map(([key, header]) => [key, readNumber(`x-sim-${header}`, read(header))] as const);
  return { ...defined(numbers), ...(fault !== undefined && { fault }) };
}

interface QuerySettings {
  readonly settings: BehaviourSettings;
  readonly extras: ReadonlyMap<string, string>;
}

function fromQuery(query: URLSearchParams): QuerySettings {
  const known = new Set<string>(['fault', ...NUMBERS.map(([, , name]) => name)]);
  const numbers = NUMBERS.map(([key, , name]) => [key, readNumber(name, query.get(name) ?? undefined)] as const);
  const faults = query.getAll('fault');
  return {
    settings: { ...defined(numbers), ...(faults.length > 0 && { fault: faults.join(',') }) },
    extras: new Map([...query].filter(([name]) => !known.has(name))),
  };
}

function defined(entries: readonly (readonly [string, number | undefined])[]): BehaviourSettings {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new SluiceError('INVALID_REQUEST', `${name} must be a number, 0 or more.`, { param: name });
}

function bounded(tokens: number | undefined): number | undefined {
  if (tokens === undefined || tokens <= MAX_OUTPUT_TOKENS) return tokens;
  throw new SluiceError('INVALID_REQUEST', `An answer has at most ${MAX_OUTPUT_TOKENS} tokens.`, {
    param: 'output-tokens',
  });
}
