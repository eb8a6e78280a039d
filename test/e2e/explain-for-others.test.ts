import { ConnectError } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { expect, test } from 'vitest';
import { Role } from '../../gen/sluice/v1/content_pb.ts';
import { startGateway, TEST_KEY } from '../support/gateway.ts';
import { OPERATOR_KEY, routingClient, STRUCK_YAML, withKey } from '../support/struck-gateway.ts';

const YAML = `${STRUCK_YAML}  - {name: own, when: 'principal.key_id == "other"', targets: [{provider: sim, model: theirs}]}
  - {name: own, targets: [{provider: sim, model: everybodys}]}
`;

test('an operator sees where calls of another key would go, and nobody else does', async () => {
  const gateway = await startGateway({ yaml: YAML });
  const client = routingClient(createGrpcTransport({ baseUrl: gateway.url }));
  const explain = async (key: string, keyId: string): Promise<string> => {
    const messages = [{ role: Role.USER, parts: [{ kind: { case: 'text' as const, value: { text: 'Hello' } } }] }];
    try {
      const { plan } = await client.explain({ keyId, generation: { model: 'own', messages } }, withKey(key));
      return plan[0]?.model ?? '';
    } catch (thrown) {
      return ConnectError.from(thrown).rawMessage;
    }
  };
  expect(await explain(OPERATOR_KEY, '')).toBe('everybodys');
  expect(await explain(OPERATOR_KEY, 'other')).toBe('theirs');
  expect(await explain(OPERATOR_KEY, 'nobody')).toBe('key_id: there is no such key');
  expect(await explain(TEST_KEY, 'test')).toBe('everybodys');
  expect(await explain(TEST_KEY, 'other')).toContain('needs a key with the role OPERATOR');
});
