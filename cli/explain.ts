import { parseArgs } from 'node:util';
import { create, toJson } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { type ChatRequest, ChatRequestSchema } from '../gen/sluice/v1/chat_service_pb.ts';
import { Role } from '../gen/sluice/v1/content_pb.ts';
import { GenerationSchema } from '../gen/sluice/v1/generation_pb.ts';
import {
  AssumedHealth,
  type ExplainRequest,
  ExplainRequestSchema,
  ExplainResponseSchema,
  RoutingService,
} from '../gen/sluice/v1/routing_service_pb.ts';
import { type CliIo, type Command, EXIT_OK, UsageError } from './command.ts';
import { explainReport } from './explain-report.ts';
import { askGateway, GATEWAY_HELP } from './gateway.ts';
import { readText } from './read-catalogue.ts';
import { type FiledCall, readChatRequest } from './read-chat-request.ts';
import { readMetadata, readPairs } from './read-metadata.ts';
import { readNumber } from './read-option.ts';

const HELP = `Shows where a call would go and why, without sending anything.

Usage: sluice explain --model MODEL [options]
       sluice explain -f REQUEST.json [options]

  --model MODEL        A route or "provider/model". With -f: instead of the file's.
  -f, --file FILE      The call: a body of POST /v1/chat/completions, or a sluice.v1.ChatRequest in JSON.
                       Default: a short prompt.

Options:
  --metadata NAME=VALUE
                       Who and what the call is for, as in team=search; other names are labels. May be repeated.
  --stream             As if the answer were streamed.
  --draft FILE         Routes to try before they are saved: a sluice.yaml whose only field is routes.
  --assume TARGET=STATE
                       Take a target to be UP, DOWN or THROTTLED: its name, "provider/model" or a provider. May be repeated.
  --key ID             As if the call came with the key of this id. Needs the role OPERATOR.
  --seed N             What the draws begin with. Default: 0.
  --json               Print what the gateway tells as JSON.
  --help               Print this.

${GATEWAY_HELP}
Exit codes: 0 it was told, refused calls too; 1 it could not be told; 2 wrong words.
`;

export const explain: Command = {
  name: 'explain',
  summary: 'Show where a call would go and why',
  help: HELP,
  async run(args, io) {
    const { json, request } = await readArguments(args, io);
    await askGateway(io, async (transport) => {
      const answer = await createClient(RoutingService, transport).explain(request);
      io.out(json ? `${JSON.stringify(toJson(ExplainResponseSchema, answer))}\n` : explainReport(answer));
    });
    return EXIT_OK;
  },
};

interface ExplainArguments {
  readonly json: boolean;
  readonly request: ExplainRequest;
}

async function readArguments(args: readonly string[], io: CliIo): Promise<ExplainArguments> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string' },
      file: { type: 'string', short: 'f' },
      metadata: { type: 'string', multiple: true },
      stream: { type: 'boolean' },
      draft: { type: 'string' },
      assume: { type: 'string', multiple: true },
      key: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const { model, file, draft, seed = '0', metadata = [] } = values;
  if (model === undefined && file === undefined) throw new UsageError('Give --model, or a request with -f.');
  const assume = Object.fromEntries(readPairs('--assume', values.assume ?? []).map(readAssumption));
  const filed = file === undefined ? shortCall() : readChatRequest(file, await readText(file, io));
  const { request, stream } = withModel(filed, model);
  const own = metadata.length === 0 ? request.metadata : readMetadata(metadata);
  return {
    json: values.json ?? false,
    request: create(ExplainRequestSchema, {
      ...(request.generation !== undefined && { generation: request.generation }),
      ...(own !== undefined && { metadata: own }),
      ...(request.gateway !== undefined && { gateway: request.gateway }),
      stream: values.stream ?? stream,
      draftYaml: draft === undefined ? '' : await readText(draft, io),
      seed: readNumber('--seed', seed, [0, 999_999_999]),
      assume,
      keyId: values.key ?? '',
    }),
  };
}

function shortCall(): FiledCall {
  const request: ChatRequest = create(ChatRequestSchema, {
    generation: create(GenerationSchema, {
      messages: [{ role: Role.USER, parts: [{ kind: { case: 'text', value: { text: 'Hello' } } }] }],
    }),
  });
  return { request, stream: false };
}

function withModel({ request, stream }: FiledCall, model: string | undefined): FiledCall {
  if (model !== undefined && request.generation !== undefined) request.generation.model = model;
  return { request, stream };
}

const STATES: ReadonlyMap<string, AssumedHealth> = new Map([
  ['UP', AssumedHealth.UP],
  ['DOWN', AssumedHealth.DOWN],
  ['THROTTLED', AssumedHealth.THROTTLED],
]);

function readAssumption([target, word]: readonly [string, string]): readonly [string, AssumedHealth] {
  const state = STATES.get(word.toUpperCase());
  if (state === undefined) throw new UsageError(`--assume ${target} must be UP, DOWN or THROTTLED`);
  return [target, state];
}
