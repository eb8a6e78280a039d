import { ConnectError, type Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { type CliIo, CommandError } from './command.ts';
import { describeRefusal } from './refusal.ts';

/** Where a gateway listens that nobody configured. */
const DEFAULT_URL = 'http://127.0.0.1:8080';

/** For the help of commands that ask a gateway. */
export const GATEWAY_HELP = `Environment:
  SLUICE_URL           Where the gateway listens. Default: ${DEFAULT_URL}.
  SLUICE_API_KEY       The key to call it with.
`;

/** The way to the gateway that the environment names. Throws CommandError where it names none that can be called. */
export function gatewayTransport(io: CliIo): Transport {
  const baseUrl = io.env.SLUICE_URL || DEFAULT_URL;
  const key = io.env.SLUICE_API_KEY || undefined;
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) {
    throw new CommandError(`SLUICE_URL is "${baseUrl}"; it should be a URL such as ${DEFAULT_URL}.`);
  }
  if (key === undefined) throw new CommandError('SLUICE_API_KEY is not set: the gateway wants a key.');
  return createConnectTransport({
    baseUrl,
    httpVersion: '1.1',
    interceptors: [
      (next) => (request) => {
        request.header.set('authorization', `Bearer ${key}`);
        return next(request);
      },
    ],
  });
}

/** Runs something that asks the gateway; its refusals and its absence are failures of the command. */
export async function askGateway<T>(io: CliIo, ask: (transport: Transport) => Promise<T>): Promise<T> {
  const transport = gatewayTransport(io);
  try {
    return await ask(transport);
  } catch (thrown) {
    if (!(thrown instanceof ConnectError)) throw thrown;
    throw new CommandError(`${io.env.SLUICE_URL || DEFAULT_URL}: ${describeRefusal(thrown)}`);
  }
}
