import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { systemClock } from '../../server/core/clock.ts';
import { asListener, createFastify } from '../../server/fastify.ts';
import { LIMITS } from '../../server/listener/limits.ts';
import { createOnePort } from '../../server/listener/one-port.ts';
import { registerConnect } from '../../server/rpc/connect-plugin.ts';
import { validateRequests } from '../../server/rpc/validate-requests.ts';
import { conformanceRpcs, conformanceTypes } from './conformance-rpcs.ts';
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from './gen/connectrpc/conformance/v1/server_compat_pb.ts';
import { ConformanceService } from './gen/connectrpc/conformance/v1/service_pb.ts';

// Sluice's listener, adapters, limits and checks with the suite's service behind them. The suite starts it, writes
// a ServerCompatRequest to its standard input, reads a ServerCompatResponse from its standard output, and ends it with
// SIGTERM. Both messages follow their length, 32 bits in network order.

async function readRequest(): Promise<ServerCompatRequest> {
  let seen = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    seen = Buffer.concat([seen, chunk]);
    if (seen.length >= 4 && seen.length >= 4 + seen.readUInt32BE()) break;
  }
  return fromBinary(ServerCompatRequestSchema, seen.subarray(4, 4 + seen.readUInt32BE()));
}

const { messageReceiveLimit, serverCreds } = await readRequest();
const app = createFastify(systemClock, { info() {}, warn() {}, error() {} });
const rpc = await registerConnect(app, {
  routes: (router) =>
    router.service(ConformanceService, conformanceRpcs, { jsonOptions: { registry: conformanceTypes } }),
  clock: systemClock,
  admit: () => {},
  check: validateRequests(),
  readMaxBytes: messageReceiveLimit || LIMITS.bodyBytes,
  readMaxElements: LIMITS.messageElements,
  writeMaxBytes: LIMITS.answerBytes,
  maxTimeoutMs: LIMITS.maxDeadlineMs,
});
await app.ready();
const serve = asListener(app);
const tls = serverCreds && { cert: String(Buffer.from(serverCreds.cert)), key: String(Buffer.from(serverCreds.key)) };
const { address: host, port } = await createOnePort((request, response) => {
  if (!rpc(request, response)) serve(request, response);
}, tls).listen('127.0.0.1', 0);

const response = create(ServerCompatResponseSchema, { host, port, ...(tls && { pemCert: Buffer.from(tls.cert) }) });
const bytes = toBinary(ServerCompatResponseSchema, response);
const length = Buffer.alloc(4);
length.writeUInt32BE(bytes.length);
process.stdout.write(Buffer.concat([length, bytes]));
