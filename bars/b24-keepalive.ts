import { OpenAI } from 'openai';
import { startSimulator } from '../server/simulator/simulator.ts';
import { atMost, type Bar, exactly, holds, note } from './support/finding.ts';
import { type Gateway, KEY, startGateway } from './support/gateway.ts';
import { restBody } from './support/reader.ts';

// B24: a model thinks for 125 s. A streamed REST call gets a comment every 15 s, within a second; OpenAI's SDK passes
// over them and gets the whole answer; nothing is billed for them. The gateway's clock runs faster, so that this takes
// seconds.
// Seeded bug: keepalives only after the first content.

const SPEED = 20;
const PERIOD_S = 15;

/** When comments came, in seconds of the gateway's clock since the request, the stream's usage and its words. */
interface Heard {
  readonly comments: readonly number[];
  readonly usage: string;
  readonly words: number;
}

async function listen(gateway: Gateway, model: string): Promise<Heard> {
  const begun = performance.now();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...JSON.parse(restBody(model)), stream_options: { include_usage: true } }),
  });
  const comments: number[] = [];
  let text = '';
  for await (const chunk of response.body ?? []) {
    const piece = Buffer.from(chunk).toString();
    for (const line of piece.split('\n')) {
      if (line.startsWith(':')) comments.push(((performance.now() - begun) * SPEED) / 1000);
    }
    text += piece;
  }
  const usage = /"completion_tokens":\d+,"total_tokens":\d+/.exec(text)?.[0] ?? 'none';
  return { comments, usage, words: text.match(/"content":"[^"]+"/g)?.length ?? 0 };
}

/** The largest distance of a comment from where it should be after the one before it, in seconds. */
function drift(comments: readonly number[]): number {
  return Math.max(0, ...comments.map((at, index) => Math.abs(at - (comments[index - 1] ?? 0) - PERIOD_S)));
}

/** How many pieces with words the SDK makes of the same stream. */
async function bySdk(gateway: Gateway, model: string): Promise<number> {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: KEY, maxRetries: 0, timeout: 60_000 });
  const stream = await client.chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'Hello' }],
  });
  let words = 0;
  for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') words += 1;
  return words;
}

export const keepalive: Bar = async ({ short }) => {
  // A little longer than the last comment needs.
  const silentS = short ? 35 : 125;
  const simulator = await startSimulator();
  const yaml = `routes:
  - {name: slow, targets: [{provider: p, model: "simulated-chat?output-tokens=12&latency=${(silentS * 1000) / SPEED}"}], timeouts: {ttft: 500s, stream_idle: 500s}}
  - {name: fast, targets: [{provider: p, model: "simulated-chat?output-tokens=12"}]}`;
  const gateway = await startGateway({ providers: { p: simulator.url }, yaml, speed: SPEED });
  const quick = await listen(gateway, 'fast');
  const [slow, told] = await Promise.all([listen(gateway, 'slow'), bySdk(gateway, 'slow')]);
  const { openCalls, liveCalls } = await gateway.vitals();
  await gateway.close();
  await simulator.close();
  return [
    exactly(`comments in ${silentS} s`, slow.comments.length, Math.floor(silentS / PERIOD_S)),
    atMost('off their time by', drift(slow.comments), 1, 's'),
    exactly('comments in a quick answer', quick.comments.length, 0),
    holds('usage as of a quick answer', slow.usage === quick.usage && slow.usage !== 'none'),
    holds(
      `OpenAI's SDK reads ${told} pieces of ${quick.words}`,
      told === quick.words && slow.words === quick.words && told > 0,
    ),
    exactly('calls open', openCalls + liveCalls, 0),
    note(`clock ${SPEED} times faster`),
  ];
};
