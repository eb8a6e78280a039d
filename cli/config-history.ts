import { parseArgs } from 'node:util';
import { toJson } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import {
  ConfigService,
  GetConfigResponseSchema,
  ListConfigRevisionsResponseSchema,
} from '../gen/sluice/admin/v1/config_service_pb.ts';
import { type Command, EXIT_OK } from './command.ts';
import { revisionsReport } from './config-report.ts';
import { askGateway, GATEWAY_HELP } from './gateway.ts';
import { readNumber } from './read-option.ts';

const GET_HELP = `Prints the configuration in force, as it was written; where no file configures the gateway, what the environment comes to.

Usage: sluice config get [options]

Options:
  --json               Print what the gateway tells as JSON: revision, source, text, and all fields in effective_json.
  --help               Print this.

${GATEWAY_HELP}The key needs the role ADMIN.
`;

export const configGet: Command = {
  name: 'get',
  summary: 'Print the configuration in force',
  help: GET_HELP,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const answer = await askGateway(io, (transport) => createClient(ConfigService, transport).getConfig({}));
    if (values.json === true) io.out(`${JSON.stringify(toJson(GetConfigResponseSchema, answer))}\n`);
    else io.out(answer.yaml === '' ? `${answer.effectiveJson}\n` : answer.yaml);
    return EXIT_OK;
  },
};

const REVISIONS_HELP = `Lists the configurations that were in force, the latest first. "*" marks the one that is.

Usage: sluice config revisions [options]

Options:
  --limit N            How many, at most 250. Default: 50.
  --json               Print what the gateway tells as JSON.
  --help               Print this.

${GATEWAY_HELP}The key needs the role ADMIN.
`;

export const configRevisions: Command = {
  name: 'revisions',
  summary: 'List the configurations that were in force',
  help: REVISIONS_HELP,
  async run(args, io) {
    const options = { limit: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const pageSize = readNumber('--limit', values.limit ?? '50', [1, 250]);
    const answer = await askGateway(io, (transport) =>
      createClient(ConfigService, transport).listConfigRevisions({ pageSize }),
    );
    if (values.json === true) io.out(`${JSON.stringify(toJson(ListConfigRevisionsResponseSchema, answer))}\n`);
    else io.out(revisionsReport(answer.revisions));
    return EXIT_OK;
  },
};
