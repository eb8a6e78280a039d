import { TARGETS, WORK } from '../cases.ts';
import { type CaseResult, type Latency, median, type Pair, type Results, type Sample } from '../results.ts';
import { IN_TIME_MS, OPEN_STREAMS, PACED_EVENTS, PACED_INTERVAL_MS } from '../sizes.ts';
import { figure, table, verdict } from './table.ts';

/** Less than this of the floor's events in time, and nothing can be said. */
const DECISIVE_SHARE = 0.8;

/** The whole report as Markdown. */
export function report(results: Results, machine: readonly string[]): string {
  return `${[
    '# Results of the benchmark',
    machine.map((line) => `- ${line}`).join('\n'),
    '## CPU time\n\nMicroseconds of the gateway process for one call or one chunk of a stream; the ratio is the median of pairs.',
    costTable(results),
    ...failures(results),
    `## Translation of streams\n\n${CODECS}`,
    codecTable(results),
    `## Floors\n\nOver all rounds.`,
    floorTable(results),
    `## Latency\n\nUnary REST, ${results.rate} calls a second; medians of ${results.latency.length} rounds, in milliseconds.`,
    latencyTable(results),
    '## Memory and start',
    processTable(results),
    ...pacedSection(results),
    '## Not measured yet\n\nHard budgets, the durable ledger and the response cache do not serve calls yet; metrics do. The targets are\nmeant with all of them on, so each of them will have to fit into what is left.',
  ].join('\n\n')}\n`;
}

function costTable({ cases }: Results): string {
  return table(
    ['', 'per', 'Sluice µs', 'floor µs', 'a second', '× floor', 'target', 'verdict'],
    cases.map(({ case: { title, floor, target }, pairs }) => {
      const ratio = median(pairs.map((pair) => pair.gateway.micros / pair.floor.micros));
      return [
        title,
        WORK[floor].unit,
        figure(
          medianOf(pairs, ({ gateway }) => gateway.micros),
          1,
        ),
        figure(
          medianOf(pairs, (pair) => pair.floor.micros),
          1,
        ),
        figure(
          medianOf(pairs, ({ gateway }) => gateway.unitsPerSecond),
          0,
        ),
        figure(ratio, 2),
        `≤ ${target}`,
        verdict(ratio, target),
      ];
    }),
  );
}

const CODECS = `Microseconds for one piece of text in a stream, the codecs alone, without HTTP: server-sent events of the provider's format
to events, to those of the caller's. The floor parses each of the provider's events and writes it again. What is to be
read is the ratio, the median of pairs; where the caller's events are much longer than the provider's, writing them is
more than the floor does.`;

function codecTable({ codecs }: Results): string {
  return table(
    ['provider', 'caller', 'Sluice µs', 'floor µs', '× floor', 'target', 'verdict'],
    codecs.map(({ from, to, times }) => {
      const ratio = median(times.map(({ codec, floor }) => codec / floor));
      const [codec, floor] = [median(times.map((one) => one.codec)), median(times.map((one) => one.floor))];
      const figures = [figure(codec, 2), figure(floor, 2), figure(ratio, 2)];
      return [from, to, ...figures, `≤ ${TARGETS.codec}`, verdict(ratio, TARGETS.codec)];
    }),
  );
}

function medianOf(pairs: readonly Pair[], read: (pair: Pair) => number): number {
  return median(pairs.map(read));
}

function failures({ cases }: Results): readonly string[] {
  return cases.flatMap(({ case: { title }, failure }) =>
    failure === undefined ? [] : [`${title} was left out: ${failure.replace(/\s+/g, ' ').slice(0, 300)}`],
  );
}

function floorTable({ cases, nginx }: Results): string {
  const floorOf = (floor: 'unary' | 'stream'): readonly Sample[] =>
    cases.filter((one) => one.case.floor === floor).flatMap(({ pairs }: CaseResult) => pairs.map((pair) => pair.floor));
  const row = (title: string, floor: 'unary' | 'stream', samples: readonly Sample[]): readonly string[] => [
    title,
    WORK[floor].unit,
    figure(median(samples.map(({ micros }) => micros)), 1),
    figure(median(samples.map(({ unitsPerSecond }) => unitsPerSecond)), 0),
  ];
  return table(
    ['', 'per', 'CPU µs', 'a second'],
    [
      row('node:http → undici, JSON parsed both ways', 'unary', floorOf('unary')),
      row('node:http → undici, each event parsed and written again', 'stream', floorOf('stream')),
      ...(nginx.unary.length === 0 ? [] : [row('nginx', 'unary', nginx.unary), row('nginx', 'stream', nginx.stream)]),
    ],
  );
}

function latencyTable({ latency }: Results): string {
  const added = (who: 'floor' | 'gateway', which: keyof Latency): number =>
    median(latency.map((round) => round[who][which] - round.direct[which]));
  const row = (title: string, which: keyof Latency, target: number): readonly string[] => {
    const ratio = added('gateway', which) / added('floor', which);
    return [
      title,
      figure(median(latency.map(({ direct }) => direct[which])), 2),
      figure(added('floor', which), 2),
      figure(added('gateway', which), 2),
      figure(ratio, 2),
      `≤ ${target}`,
      verdict(ratio, target),
    ];
  };
  return table(
    ['', 'mock', 'floor adds', 'Sluice adds', '× floor', 'target', 'verdict'],
    [row('p50', 'p50', TARGETS.addedP50), row('p99', 'p99', TARGETS.addedP99)],
  );
}

function processTable({ starts, idle, loaded }: Results): string {
  const start = median(starts.map(({ gateway }) => gateway));
  return table(
    ['', 'Sluice', 'floor', 'target', 'verdict'],
    [
      [
        'Start to first answer, s',
        figure(start, 2),
        figure(median(starts.map(({ floor }) => floor)), 2),
        `≤ ${TARGETS.startSeconds}`,
        verdict(start, TARGETS.startSeconds),
      ],
      [
        'Resident memory idle, MB',
        figure(idle.gateway, 0),
        figure(idle.floor, 0),
        `≤ ${TARGETS.idleMegabytes}`,
        verdict(idle.gateway, TARGETS.idleMegabytes),
      ],
      ['Resident memory after load, MB', figure(loaded.gateway, 0), figure(loaded.floor, 0), '–', ''],
    ],
  );
}

/** Where even the floor loses much, the machine or the load generator is what was measured. */
function inTimeVerdict(share: number, floor: number): string {
  if (!(floor >= DECISIVE_SHARE)) return 'undecided: the floor is late too';
  return share >= floor ? 'met' : `missed by ${figure((floor - share) * 100, 1)} points`;
}

function pacedSection({ paced }: Results): readonly string[] {
  if (paced.length === 0) return [];
  const floor = paced.find(({ title }) => title.includes('floor'))?.inTimeShare ?? Number.NaN;
  const seconds = (PACED_EVENTS * PACED_INTERVAL_MS) / 1000;
  return [
    `## ${OPEN_STREAMS} open streams\n\n${1000 / PACED_INTERVAL_MS} events a second on each, for ${seconds} s. In time: within ${IN_TIME_MS} ms. Targets: as many in time as the\nfloor delivers, at most ${TARGETS.pacedMegabytes} MB.`,
    table(
      ['', 'in time', 'unfinished streams', 'most memory, MB', 'in time as the floor', 'memory'],
      paced.map(({ title, inTimeShare, failedStreams, megabytes }) => [
        title,
        `${figure(inTimeShare * 100, 1)} %`,
        String(failedStreams),
        figure(megabytes, 0),
        inTimeVerdict(inTimeShare, floor),
        verdict(megabytes, TARGETS.pacedMegabytes),
      ]),
    ),
    ...paced.flatMap(({ title, failure }) => (failure === undefined ? [] : [`${title}: ${failure.slice(0, 300)}`])),
  ];
}
