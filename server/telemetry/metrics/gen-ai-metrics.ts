import { durationMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { type Attempt, AttemptReason } from '../../../gen/sluice/v1/decision_pb.ts';
import { DrillFault } from '../../../gen/sluice/v1/drill_pb.ts';
import type { Operation, SettledCall } from '../../limits/call-ledger.ts';
import { createHistogram, type Metric } from './instrument.ts';

// Names, units and buckets of OpenTelemetry's conventions for generative AI, in development:
// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md (November 2026)
const DURATION_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_BOUNDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKEN_BOUNDS = Array.from({ length: 14 }, (_, power) => 4 ** power);

const OPERATION = 'gen_ai.operation.name';
const PROVIDER = 'gen_ai.provider.name';
const MODEL = 'gen_ai.request.model';
const ERROR = 'error.type';

/** The conventions' words. Counting tokens has none there. */
const OPERATIONS: Readonly<Record<Operation, string>> = {
  chat: 'chat',
  stream_chat: 'chat',
  embed: 'embeddings',
  count_tokens: 'count_tokens',
};

/** Attempts that say nothing of how long a provider takes: given up by us, or never sent. */
const NO_ANSWER: ReadonlySet<AttemptReason> = new Set([
  AttemptReason.CANCELED,
  AttemptReason.SATURATED,
  AttemptReason.EGRESS_DENIED,
]);

/** Names of reasons by their numbers. */
export const ATTEMPT_REASONS: ReadonlyMap<AttemptReason, string> = new Map(
  Object.entries(AttemptReason).map(([name, value]) => [value, name]),
);

/** How labels that callers can make up are kept few. */
export interface BoundedLabels {
  /** The model name that a caller gave. */
  readonly asked: (name: string) => string;
  /** A provider's model. */
  readonly model: (name: string) => string;
}

/** The metrics that the conventions name: as a client of providers, by attempt, and as a server of callers, by call. */
export function createGenAiMetrics(labels: BoundedLabels) {
  const server = serverInstruments();
  const client = clientInstruments();
  const attempted = (operation: Operation, attempt: Attempt): void => {
    // What a drill struck says nothing of the provider.
    if (attempt.drill !== DrillFault.UNSPECIFIED || NO_ANSWER.has(attempt.reason)) return;
    const base = [OPERATIONS[operation], attempt.provider, labels.model(attempt.model)];
    const failed = attempt.reason !== AttemptReason.SUCCESS;
    const error = failed ? (ATTEMPT_REASONS.get(attempt.reason) ?? '') : '';
    if (attempt.duration !== undefined) client.duration.record([...base, error], seconds(attempt.duration));
    if (operation === 'stream_chat' && attempt.firstContent !== undefined) {
      client.firstChunk.record(base, seconds(attempt.firstContent));
    }
    const { inputTokens, outputTokens } = attempt.usage ?? {};
    if (inputTokens !== undefined) client.tokens.record([...base, 'input'], inputTokens);
    if (outputTokens !== undefined) client.tokens.record([...base, 'output'], outputTokens);
  };
  return {
    record(call: SettledCall): void {
      const { operation, openedAtMs, settledAtMs, outcome } = call;
      const { attempts } = call.decision;
      const last = attempts.at(-1);
      const base = [OPERATIONS[operation], last?.provider ?? '', labels.asked(call.model)];
      const error = outcome.kind === 'failure' ? outcome.reason : '';
      server.duration.record([...base, error], Math.max(settledAtMs - openedAtMs, 0) / 1000);
      const firstAt = operation === 'stream_chat' && error === '' ? firstContentAt(last) : undefined;
      if (firstAt !== undefined) server.firstToken.record(base, Math.max(firstAt - openedAtMs, 0) / 1000);
      for (const attempt of attempts) attempted(operation, attempt);
    },
    read: (): readonly Metric[] => [...Object.values(server), ...Object.values(client)].map((each) => each.read()),
  };
}

function serverInstruments() {
  return {
    duration: createHistogram(
      { name: 'gen_ai.server.request.duration', description: 'Time of calls of callers, to their end.', unit: 's' },
      [OPERATION, PROVIDER, MODEL, ERROR],
      DURATION_BOUNDS,
    ),
    firstToken: createHistogram(
      { name: 'gen_ai.server.time_to_first_token', description: 'Time of streams to first content.', unit: 's' },
      [OPERATION, PROVIDER, MODEL],
      FIRST_TOKEN_BOUNDS,
    ),
  };
}

function clientInstruments() {
  return {
    duration: createHistogram(
      { name: 'gen_ai.client.operation.duration', description: 'Time of attempts at providers.', unit: 's' },
      [OPERATION, PROVIDER, MODEL, ERROR],
      DURATION_BOUNDS,
    ),
    firstChunk: createHistogram(
      {
        name: 'gen_ai.client.operation.time_to_first_chunk',
        description: 'Time of streamed attempts to first content.',
        unit: 's',
      },
      [OPERATION, PROVIDER, MODEL],
      FIRST_TOKEN_BOUNDS,
    ),
    tokens: createHistogram(
      { name: 'gen_ai.client.token.usage', description: 'Tokens that providers reported.', unit: '{token}' },
      [OPERATION, PROVIDER, MODEL, 'gen_ai.token.type'],
      TOKEN_BOUNDS,
    ),
  };
}

/** Milliseconds since 1970; undefined where no content came. */
function firstContentAt(attempt: Attempt | undefined): number | undefined {
  if (attempt?.firstContent === undefined || attempt.startTime === undefined) return undefined;
  return timestampMs(attempt.startTime) + durationMs(attempt.firstContent);
}

function seconds(duration: Parameters<typeof durationMs>[0]): number {
  return durationMs(duration) / 1000;
}
