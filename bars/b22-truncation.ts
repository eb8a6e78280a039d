import { allRight, type Bar, exactly, note } from './support/finding.ts';
import { type Gateway, KEY, startGateway } from './support/gateway.ts';
import { times } from './support/time.ts';
import { type Call, callsOf, tryCall } from './support/truncation/asking.ts';
import { startBrokenProvider } from './support/truncation/broken-provider.ts';
import { providerRows, routeRows } from './support/truncation/config.ts';
import { CORPUS, type CorpusEntry } from './support/truncation/corpus.ts';
import { DOORS } from './support/truncation/doors.ts';
import { type SdkWay, sdkWays, trySdk } from './support/truncation/sdks.ts';

// B22: answers of providers that are cut, malformed or something else, in six formats, at six doors. The caller gets all of
// an answer or an error in the door's format, never a terminal marker after it or a finish reason that the provider did
// not give; the words before the fault come; before the first content another target answers; the SDKs of OpenAI,
// Anthropic and Google throw; every call is settled once.
// Seeded bugs: a stream without its marker is whole; a finish reason is made up; an error event is skipped; a terminal
// marker after an error; an error that SDKs do not know; words lost with a fault; no other target.

const CALLS_AT_ONCE = 12;
/** Of a short run one of so many answers; a prime, so that every kind of fault has its turn. */
const SAMPLE = 5;

interface Tried {
  readonly name: string;
  readonly wrong: string | undefined;
}

/** Each call in turn, some at a time. */
async function tryAll<T>(calls: readonly T[], attempt: (call: T) => Promise<Tried>): Promise<Tried[]> {
  const waiting = calls.values();
  const tried: Tried[] = [];
  const worker = async (): Promise<void> => {
    for (const call of waiting) tried.push(await attempt(call));
  };
  await Promise.all(times(CALLS_AT_ONCE, worker));
  return tried;
}

async function tryDoor(gateway: Gateway, call: Call): Promise<Tried> {
  const { entry, door, route } = call;
  return { name: `${entry.dialect} ${entry.name} at ${door} ${route}`, wrong: await tryCall(gateway.url, call) };
}

interface SdkCall {
  readonly entry: CorpusEntry;
  readonly way: SdkWay;
}

async function tryOneSdk({ entry, way }: SdkCall): Promise<Tried> {
  return { name: `${way.name}: ${entry.dialect} ${entry.name}`, wrong: await trySdk(way, entry) };
}

/** What is huge says the same at every door. */
function doorCalls(entry: CorpusEntry): Call[] {
  return DOORS.filter((door) => !entry.huge || door === 'chat').flatMap((door) => callsOf(entry, door));
}

export const truncation: Bar = async ({ short }) => {
  const entries = CORPUS.filter((_entry, at) => !short || at % SAMPLE === 0);
  const provider = await startBrokenProvider(new Map(entries.map((entry) => [entry.id, entry])));
  const yaml = routeRows(entries);
  const gateway = await startGateway({ providers: {}, providerRows: providerRows(provider.url, 'BAR_KEY'), yaml });
  const doors = await tryAll(entries.flatMap(doorCalls), (call) => tryDoor(gateway, call));
  const ways = sdkWays(gateway.url, KEY);
  const streams = entries.filter(({ stream, huge }) => stream && !huge);
  const sdkCalls = streams.flatMap((entry) => ways.map((way): SdkCall => ({ entry, way })));
  const sdks = await tryAll(sdkCalls, tryOneSdk);
  const { settled, openCalls, liveCalls } = await gateway.vitals();
  const { alive } = gateway;
  await gateway.close();
  await provider.close();
  return [
    note(`${entries.length} answers`),
    allRight('calls ended as they should', doors),
    allRight('calls by SDKs', sdks),
    exactly('calls settled', settled, doors.length + sdks.length),
    exactly('calls open', openCalls + liveCalls, 0),
    exactly('gateways ended', alive ? 0 : 1, 0),
  ];
};
