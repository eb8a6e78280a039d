import type { CelInput, CelMap } from '@bufbuild/cel';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Metadata } from '../../gen/sluice/v1/metadata_pb.ts';
import type { Expression } from '../core/expression.ts';
import { memberMap, type Scope, type Shape, textMap } from '../core/expression-scope.ts';
import type { ModelFacts } from './model-facts.ts';
import type { RequestView } from './request-view.ts';
import type { Target } from './route.ts';
import { codeFraction, complexity, languageOf, sizeOf, taskOf } from './signals.ts';

/** Who and what a call is. */
export interface CallIdentity {
  readonly metadata: Metadata;
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export type Variables = Readonly<Record<string, CelInput>>;

const value = (sample: CelInput): Shape => ({ kind: 'value', sample });
const members = (names: Readonly<Record<string, Shape>>): Shape => ({ kind: 'members', members: names });
const [TEXT, NUMBER, INTEGER, YES] = [value('a'), value(0.5), value(1n), value(true)];

/** What expressions about a call may read. */
export const CALL_SCOPE: Scope = {
  request: members({
    model: TEXT,
    estimated_input_tokens: INTEGER,
    max_output_tokens: INTEGER,
    stream: YES,
    has_tools: YES,
    tool_count: INTEGER,
    has_media: YES,
    media_types: value(['image/png']),
    response_format: TEXT,
    reasoning_effort: TEXT,
    language: TEXT,
    message_count: INTEGER,
  }),
  metadata: { kind: 'texts' },
  principal: members({ key_id: TEXT }),
  signals: members({ language: TEXT, task: TEXT, size: TEXT, complexity: NUMBER, code_fraction: NUMBER }),
  now: value(timestampFromMs(0)),
};

/** What expressions about one target of a call may read. */
export const TARGET_SCOPE: Scope = {
  ...CALL_SCOPE,
  target: members({
    name: TEXT,
    provider: TEXT,
    model: TEXT,
    region: TEXT,
    labels: { kind: 'texts' },
    price: members({ input: NUMBER, output: NUMBER }),
    context_length: INTEGER,
  }),
};

/** The variables of a call. Each is made when an expression first reads it. */
export function callVariables(request: RequestView, identity: CallIdentity): Variables {
  // Written out: getters of a literal are much cheaper to make than properties that are defined one by one.
  let [requests, metadata, principal, signals]: (CelMap | undefined)[] = [];
  return {
    get request() {
      requests ??= requestMap(request);
      return requests;
    },
    get metadata() {
      metadata ??= textMap(metadataTexts(identity.metadata));
      return metadata;
    },
    get principal() {
      principal ??= memberMap({ key_id: () => identity.keyId });
      return principal;
    },
    get signals() {
      signals ??= signalMap(request);
      return signals;
    },
    get now() {
      return timestampFromMs(identity.nowMs);
    },
  };
}

/** The same and the target. */
export function targetVariables(call: Variables, target: Target, facts: ModelFacts | undefined): Variables {
  return Object.create(call, { target: { value: targetMap(target, facts) } });
}

/** Whether a condition holds. An error is false; it is told to `note`. */
export function holds(when: Expression, variables: Variables, note: (text: string) => void): boolean {
  const result = when.evaluate(variables);
  if (result.kind === 'value') return result.value === true;
  note(`${when.source}: ${result.message}`);
  return false;
}

function targetMap(target: Target, facts: ModelFacts | undefined): CelMap {
  const price = facts?.price;
  const usd = (nano: bigint | undefined): number | undefined => (nano === undefined ? undefined : Number(nano) / 1e9);
  return memberMap({
    name: () => target.name,
    provider: () => target.provider,
    model: () => target.model,
    region: () => target.region ?? (facts?.regions?.length === 1 ? facts.regions[0] : ''),
    labels: () => textMap(target.labels ?? []),
    price: () => memberMap({ input: () => usd(price?.input), output: () => usd(price?.output) }),
    context_length: () => (facts?.contextLength === undefined ? undefined : BigInt(facts.contextLength)),
  });
}

function requestMap(request: RequestView): CelMap {
  return memberMap({
    model: () => request.model,
    estimated_input_tokens: () => BigInt(request.estimatedInputTokens),
    max_output_tokens: () => BigInt(request.maxOutputTokens ?? 0),
    stream: () => request.stream,
    has_tools: () => request.toolCount > 0,
    tool_count: () => BigInt(request.toolCount),
    has_media: () => request.mediaTypes.length > 0,
    media_types: () => request.mediaTypes,
    response_format: () => request.responseFormat,
    reasoning_effort: () => request.reasoningEffort,
    language: () => languageOf(request.lastUserText),
    message_count: () => BigInt(request.messageCount),
  });
}

function signalMap(request: RequestView): CelMap {
  return memberMap({
    language: () => languageOf(request.lastUserText),
    task: () => taskOf(request.lastUserText),
    size: () => sizeOf(request.estimatedInputTokens),
    complexity: () => complexity(request),
    code_fraction: () => codeFraction(request.lastUserText),
  });
}

const IDENTITY = ['user', 'team', 'application', 'environment', 'workflow', 'customer', 'region', 'session'] as const;

/** Labels and the named fields in one; a field goes before a label of its name. */
function metadataTexts(metadata: Metadata): readonly (readonly [string, string])[] {
  const fields = IDENTITY.filter((name) => metadata[name] !== '').map((name) => [name, metadata[name]] as const);
  return [...Object.entries(metadata.labels), ...fields];
}
