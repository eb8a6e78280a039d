import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import type { GetTargetHealthResponse } from '../../gen/sluice/v1/routing_service_pb.ts';
import { startGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { OPERATOR_KEY, routingClient, STRUCK_YAML, TRANSPORTS, withKey } from '../support/struck-gateway.ts';

async function chat(gateway: TestGateway, model: string): Promise<void> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const headers = { ...withKey(TEST_KEY).headers, 'content-type': 'application/json' };
  await (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })).text();
}

const told = (response: GetTargetHealthResponse) =>
  response.targets.map(({ provider, model, attempts, failures }) => [`${provider}/${model}`, attempts, failures]);

describe.each(TRANSPORTS)('over %s', (_, open) => {
  test('all targets come first, then those that have changed', async () => {
    const gateway = await startGateway({ yaml: STRUCK_YAML });
    const leave = new AbortController();
    const request = { interval: durationFromMs(1000) };
    const call = routingClient(open(gateway.url)).getTargetHealth(request, {
      ...withKey(OPERATOR_KEY),
      signal: leave.signal,
    });
    const stream = call[Symbol.asyncIterator]();
    const next = async () => told((await stream.next()).value);
    expect(await next()).toEqual([
      ['sim/simulated-chat', 0n, 0n],
      ['sim/simulated-chat?output-tokens=40', 0n, 0n],
      ['sim/simulated-chat?output-tokens=41', 0n, 0n],
    ]);
    await chat(gateway, 'single');
    await chat(gateway, 'dead/x');
    const changed = [...(await next())];
    // The second call may still have been under way when the change was told.
    while (!changed.some(([name, attempts]) => name === 'dead/x' && attempts === 3n)) changed.push(...(await next()));
    expect(changed).toContainEqual(['sim/simulated-chat?output-tokens=41', 1n, 0n]);
    expect(changed).toContainEqual(['dead/x', 3n, 3n]);
    expect(changed.map(([name]) => name)).not.toContain('sim/simulated-chat');
    leave.abort();
    await expect(stream.next()).rejects.toThrow();
  });

  test('a key without the role is refused, and so is a shorter interval', async () => {
    const gateway = await startGateway({ yaml: STRUCK_YAML });
    const codeOf = async (key: string, milliseconds: number): Promise<Code | undefined> => {
      const request = { once: true, interval: durationFromMs(milliseconds) };
      try {
        for await (const _ of routingClient(open(gateway.url)).getTargetHealth(request, withKey(key)));
        return undefined;
      } catch (thrown) {
        return ConnectError.from(thrown).code;
      }
    };
    expect(await codeOf(TEST_KEY, 1000)).toBe(Code.PermissionDenied);
    expect(await codeOf(OPERATOR_KEY, 999)).toBe(Code.InvalidArgument);
    expect(await codeOf(OPERATOR_KEY, 1000)).toBeUndefined();
  });

  test('only the targets that were asked for are told', async () => {
    const gateway = await startGateway({ yaml: STRUCK_YAML });
    const request = { once: true, targets: ['sim/simulated-chat'] };
    for await (const response of routingClient(open(gateway.url)).getTargetHealth(request, withKey(OPERATOR_KEY))) {
      expect(told(response)).toEqual([['sim/simulated-chat', 0n, 0n]]);
    }
  });
});
