import { createHash } from 'node:crypto';
import { createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { RoutingService } from '../../gen/sluice/v1/routing_service_pb.ts';

export const OPERATOR_KEY = 'sk-operator';
export const OTHER_KEY = 'sk-other';
export const ADMIN_KEY = 'sk-admin';

const hashOf = (key: string): string => `sha256:${createHash('sha256').update(key).digest('hex')}`;

/** More keys, and a route with two targets, for the gateway of a test; its own key is INFERENCE. */
export const STRUCK_YAML = `  - {id: operator, hash: "${hashOf(OPERATOR_KEY)}", role: OPERATOR}
  - {id: admin, hash: "${hashOf(ADMIN_KEY)}", role: ADMIN}
  - {id: other, hash: "${hashOf(OTHER_KEY)}"}
routes:
  - name: fast
    targets:
      - {name: main, provider: sim, model: "simulated-chat?output-tokens=40"}
      - {name: spare, provider: sim, model: simulated-chat}
    timeouts: {per_try: 400ms, ttft: 400ms, stream_idle: 400ms}
  - name: single
    targets: [{name: only, provider: sim, model: "simulated-chat?output-tokens=41"}]
    retry: {max_attempts_per_target: 1}
    timeouts: {per_try: 10s, ttft: 10s, stream_idle: 300ms}
`;

/** Both kinds of clients. */
export const TRANSPORTS: readonly (readonly [name: string, open: (url: string) => Transport])[] = [
  ['Connect', (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1' })],
  ['Connect over HTTP/2', (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '2' })],
  ['gRPC', (baseUrl) => createGrpcTransport({ baseUrl })],
];

/** The headers of a key. */
export const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

export const routingClient = (transport: Transport) => createClient(RoutingService, transport);
