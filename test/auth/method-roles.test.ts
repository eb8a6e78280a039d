import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { authorize, METHOD_ROLES } from '../../server/auth/method-roles.ts';
import type { RoleName } from '../../server/auth/role.ts';

const GEN = path.join(import.meta.dirname, '../../gen/sluice');

/** Every RPC of the contract, as "package.Service/Method". */
async function allMethods(): Promise<readonly string[]> {
  const files = readdirSync(GEN, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('_pb.ts'));
  const modules: object[] = await Promise.all(files.map((name) => import(path.join(GEN, name))));
  const services: DescService[] = modules.flatMap((one) => Object.values(one)).filter((one) => one?.kind === 'service');
  return services.flatMap(({ typeName, methods }) => methods.map(({ name }) => `${typeName}/${name}`));
}

const principal = (role: RoleName) => ({ keyId: 'app', metadata: undefined, role });

describe('who may call what', () => {
  test('is said of every RPC of the contract, and of nothing else', async () => {
    expect(Object.keys(METHOD_ROLES).sort()).toEqual([...(await allMethods())].sort());
  });

  test('each role may do what those below it may', () => {
    const may: Readonly<Record<RoleName, readonly RoleName[]>> = {
      INFERENCE: ['INFERENCE'],
      OPERATOR: ['INFERENCE', 'OPERATOR'],
      PROJECT_ADMIN: ['INFERENCE', 'PROJECT_ADMIN'],
      ADMIN: ['INFERENCE', 'OPERATOR', 'PROJECT_ADMIN', 'ADMIN'],
    };
    const roles: readonly RoleName[] = ['INFERENCE', 'OPERATOR', 'PROJECT_ADMIN', 'ADMIN'];
    for (const [method, least] of Object.entries(METHOD_ROLES)) {
      for (const role of roles) {
        const call = () => authorize(principal(role), method);
        if (may[role].includes(least)) expect(call).not.toThrow();
        else expect(call).toThrow(expect.objectContaining({ reason: 'PERMISSION_DENIED' }));
      }
    }
  });

  test.each(['sluice.v1.ChatService/New', 'constructor', ''])(
    '%s, which nobody listed, is open to nobody',
    (method) => {
      expect(() => authorize(principal('ADMIN'), method)).toThrow(
        expect.objectContaining({ reason: 'PERMISSION_DENIED' }),
      );
    },
  );
});
