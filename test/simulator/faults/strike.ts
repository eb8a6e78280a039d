import { expect } from 'vitest';
import type { Simulator } from '../../../server/simulator/simulator.ts';
import { decodeSse } from '../../../server/upstream/sse-decoder.ts';
import {
  connect,
  eventsOf,
  type Fetched,
  fetchRaw,
  framesOf,
  parseAnswer,
  type RawAnswer,
  type RawConnection,
} from '../raw-client.ts';
import { simulate, streamed } from '../requests.ts';

export interface Struck {
  readonly simulator: Simulator;
  readonly answer: Fetched;
}

/** Sends one request that the faults strike and reads until the simulator ends the connection. */
export async function strike(fault: string, body: object = streamed()): Promise<Struck> {
  const simulator = await simulate();
  const answer = await fetchRaw(simulator.url, { body, headers: { 'x-sim-fault': fault } });
  await simulator.idle();
  return { simulator, answer };
}

/** The same where the simulator leaves the connection open. The client reads until enough has come. */
export async function strikeOpen(
  fault: string,
  enough: (answer: RawAnswer) => boolean,
  body: object = streamed(),
): Promise<{ readonly simulator: Simulator; readonly connection: RawConnection }> {
  const simulator = await simulate();
  const connection = await connect(simulator.url);
  connection.send({ body, headers: { 'x-sim-fault': fault } });
  await connection.until((bytes) => enough(parseAnswer(bytes)));
  return { simulator, connection };
}

/** Nothing more comes, as far as a round trip on another connection tells, and the simulator sees the client go. */
export async function expectSilence(simulator: Simulator, connection: RawConnection): Promise<void> {
  const length = connection.received.length;
  await (await fetch(`${simulator.url}/stats`)).text();
  expect(connection.received.length).toBe(length);
  expect(simulator.stats().openRequests).toBe(1);
  connection.destroy();
  await simulator.idle();
  expect(simulator.stats().clientsGone).toHaveLength(1);
}

export async function usualFrames(body: object = streamed()): Promise<readonly string[]> {
  const { url } = await simulate();
  return framesOf(await fetchRaw(url, { body }));
}

/** The data of the frames in a body, by the gateway's own decoder. */
export async function decode(bytes: Uint8Array): Promise<readonly string[]> {
  const data: string[] = [];
  for await (const frames of decodeSse(
    (async function* () {
      yield bytes;
    })(),
  ))
    data.push(...frames.map((frame) => frame.data));
  return data;
}

/** The tokens of words that a stream brought: one for each frame that has any. */
export function tokensIn(answer: RawAnswer): number {
  return eventsOf(answer).filter(({ choices }) => choices[0]?.delta.content).length;
}

/** Frames without what differs from one simulator to the next. */
export function bare(frames: readonly string[]): readonly string[] {
  return frames.map((frame) => frame.replaceAll(/\s*"created":\d+,?/g, '').replaceAll(/\s+/g, ''));
}
