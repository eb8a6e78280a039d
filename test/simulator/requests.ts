import { afterEach } from 'vitest';
import type { Clock } from '../../server/core/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../server/simulator/simulator.ts';

const running: Simulator[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

/** A simulator that stops after the test. */
export async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  running.push(simulator);
  return simulator;
}

/** A chat request with one question. */
export function chat(more: object = {}): object {
  return { model: 'simulated-chat', messages: [{ role: 'user', content: 'What is the capital of France?' }], ...more };
}

/** The same, streamed with usage. */
export function streamed(more: object = {}): object {
  return chat({ stream: true, stream_options: { include_usage: true }, ...more });
}

export const WEATHER_TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Tells the weather.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
};

/** A chat request that makes the model call get_weather. */
export function calling(more: object = {}): object {
  return chat({ tools: [WEATHER_TOOL], tool_choice: 'required', ...more });
}

/** Time that passes only when something waits for it, and then at once. */
export interface JumpingClock extends Clock {
  /** What was waited for, in milliseconds. */
  readonly waits: readonly number[];
}

export function createJumpingClock(): JumpingClock {
  const waits: number[] = [];
  let elapsed = 0;
  return {
    waits,
    now: () => Date.UTC(2026, 0, 1) + elapsed,
    monotonic: () => elapsed,
    schedule(milliseconds, callback) {
      waits.push(milliseconds);
      const handle = setImmediate(() => {
        elapsed += milliseconds;
        callback();
      });
      return { stop: () => clearImmediate(handle) };
    },
  };
}
