import { parseArgs } from 'node:util';
import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import {
  type ApplyConfigResponse,
  ApplyConfigResponseSchema,
  ConfigService,
  type RollbackConfigResponse,
  RollbackConfigResponseSchema,
} from '../gen/sluice/admin/v1/config_service_pb.ts';
import { type CliIo, type Command, EXIT_OK, UsageError } from './command.ts';
import { oneFile } from './config-check.ts';
import { diffReport } from './config-report.ts';
import { askGateway, GATEWAY_HELP } from './gateway.ts';
import { readText } from './read-catalogue.ts';

const CHANGE_HELP = `
Options:
  --yes                Do it. Without, only what would change is shown.
  --expect REVISION    Only where this revision is in force. Default: the one whose differences were shown.
  --json               Print what the gateway tells as JSON.
  --help               Print this.

${GATEWAY_HELP}The key needs the role ADMIN.

Exit codes: 0 it was shown or done; 1 it could not be, CONFIG_REVISION_STALE where another revision is in force; 2 wrong words.
`;

const DIFF_HELP = `Shows what a configuration would change. The gateway checks it too, with its secrets.

Usage: sluice config diff FILE [options]

Options:
  --json               Print what the gateway tells as JSON.
  --help               Print this.

${GATEWAY_HELP}The key needs the role ADMIN.

Exit codes: 0 it was shown; 1 the configuration is not right, or the gateway cannot be asked; 2 wrong words.
`;

export const configDiff: Command = {
  name: 'diff',
  summary: 'Show what a file would change',
  help: DIFF_HELP,
  async run(args, io) {
    const options = { json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const yaml = await readText(oneFile(positionals), io);
    const answer = await askGateway(io, (transport) =>
      createClient(ConfigService, transport).applyConfig({ yaml, dryRun: true }),
    );
    print(io, ApplyConfigResponseSchema, { answer, json: values.json ?? false });
    return EXIT_OK;
  },
};

export const configApply: Command = {
  name: 'apply',
  summary: 'Put a file in force',
  help: `Puts a configuration in force, before the gateway's own file until that changes.

Usage: sluice config apply FILE [options]
${CHANGE_HELP}`,
  async run(args, io) {
    const { word, ...how } = readChange(args);
    const yaml = await readText(oneFile(word), io);
    const answer = await inTwoSteps(io, how, (transport, step) =>
      createClient(ConfigService, transport).applyConfig({ yaml, ...step }),
    );
    print(io, ApplyConfigResponseSchema, { answer, json: how.json });
    return tellEnd(io, how, answer);
  },
};

export const configRollback: Command = {
  name: 'rollback',
  summary: 'Put an earlier revision in force again',
  help: `Puts the text of an earlier revision in force again.

Usage: sluice config rollback REVISION [options]
${CHANGE_HELP}`,
  async run(args, io) {
    const { word, ...how } = readChange(args);
    const [revision, ...more] = word;
    if (revision === undefined || more.length > 0)
      throw new UsageError('Give one REVISION; "sluice config revisions" lists them.');
    const answer = await inTwoSteps(io, how, (transport, step) =>
      createClient(ConfigService, transport).rollbackConfig({ revision, ...step }),
    );
    print(io, RollbackConfigResponseSchema, { answer, json: how.json });
    return tellEnd(io, how, answer);
  },
};

interface How {
  readonly yes: boolean;
  readonly expect: string | undefined;
  readonly json: boolean;
}

function readChange(args: readonly string[]): How & { readonly word: readonly string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { yes: { type: 'boolean' }, expect: { type: 'string' }, json: { type: 'boolean' } },
  });
  return { word: positionals, yes: values.yes ?? false, expect: values.expect, json: values.json ?? false };
}

type Answer = ApplyConfigResponse | RollbackConfigResponse;
type Transport = Parameters<Parameters<typeof askGateway>[1]>[0];

/** A dry run first, so that what is done is what was looked at: of two that change at once, the second is refused. */
function inTwoSteps<T extends Answer>(
  io: CliIo,
  { yes, expect }: How,
  ask: (transport: Transport, step: { readonly expectedRevision: string; readonly dryRun: boolean }) => Promise<T>,
): Promise<T> {
  return askGateway(io, async (transport) => {
    const dry = await ask(transport, { expectedRevision: expect ?? '', dryRun: true });
    return yes ? ask(transport, { expectedRevision: expect ?? dry.oldRevision, dryRun: false }) : dry;
  });
}

function print<T extends DescMessage>(
  io: CliIo,
  schema: T,
  { answer, json }: { readonly answer: MessageShape<T> & Answer; readonly json: boolean },
): void {
  io.out(json ? `${JSON.stringify(toJson(schema, answer))}\n` : diffReport(answer.changes));
}

function tellEnd(io: CliIo, { yes }: How, { oldRevision, revision }: Answer): number {
  if (yes) io.err(`Revision ${revision?.revision} is in force. Back: sluice config rollback ${oldRevision} --yes\n`);
  else io.err(`Nothing has been done. To do it: --yes --expect ${oldRevision}\n`);
  return EXIT_OK;
}
