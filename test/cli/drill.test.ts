import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, TEST_KEY, type TestGateway } from '../support/gateway.ts';
import { OPERATOR_KEY, STRUCK_YAML, withKey } from '../support/struck-gateway.ts';

const MAIN = path.join(import.meta.dirname, '../../cli/main.ts');

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: STRUCK_YAML });
});
afterAll(() => gateway.close());

/** The program as a process of its own, with a way to wait for what it prints. */
function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const own = { SLUICE_URL: gateway.url, SLUICE_API_KEY: OPERATOR_KEY, ...env };
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...own } });
  let [out, err] = ['', ''];
  const printed = new EventTarget();
  child.stdout.on('data', (chunk) => {
    out += chunk;
    printed.dispatchEvent(new Event('more'));
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  const shown = (text: string) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (out.includes(text)) resolve();
      };
      printed.addEventListener('more', look);
      void ended.then(() => resolve());
      look();
    });
  return { ended, shown };
}

async function chat(): Promise<void> {
  const body = JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hello' }] });
  const headers = { ...withKey(TEST_KEY).headers, 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
}

const DRILL = ['drill', '--fault', 'rate-limited', '--route', 'fast', '--target', 'main', '--for', '1500ms'];

describe('sluice drill', () => {
  test('shows each struck call as it went, and the sum at the end', async () => {
    const { ended, shown } = sluice(DRILL);
    await shown('is in force until');
    await chat();
    const { code, out, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^CALL +KEY +ROUTE +WHAT HAPPENED$/m);
    expect(out).toMatch(/^req_\w+ +test +fast +main RATE_LIMITED \(drill: RATE_LIMITED\) -> spare SUCCESS$/m);
    expect(out).toMatch(/^1 calls struck in 1\.\d+ s, 1 of them answered$/m);
  });

  test('prints JSON, a line each, where it is asked to', async () => {
    const { ended, shown } = sluice([...DRILL, '--json']);
    await shown('begun');
    await chat();
    const { out } = await ended;
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { begun: {} },
      { call: { route: 'fast', attempts: [{ target: 'main', drill: 'DRILL_FAULT_RATE_LIMITED' }, {}] } },
      { ended: { calls: 1, answered: 1 } },
    ]);
  });

  test.each([
    ['a fault that is none', ['drill', '--fault', 'rain', '--route', 'fast'], 2, '--fault must be one of'],
    ['no scope', ['drill', '--fault', 'cut'], 2, 'A drill does not strike everything'],
    ['a share that is none', [...DRILL, '--percent', '101'], 2, '--percent must be a whole number from 1 to 100'],
    ['a time that is none', [...DRILL, '--for', 'ever'], 2, '--for must be a duration'],
    ['a route that is not there', ['drill', '--fault', 'cut', '--route', 'x'], 1, 'there is no route x'],
  ])('says what is wrong with %s', async (_, args, code, message) => {
    const result = await sluice(args).ended;
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toContain(message);
  });

  test.each([
    ['a key that may not', { SLUICE_API_KEY: TEST_KEY }, 'needs a key with the role OPERATOR'],
    ['no key', { SLUICE_API_KEY: '' }, 'SLUICE_API_KEY is not set'],
    ['an address that is none', { SLUICE_URL: 'here' }, 'SLUICE_URL is "here"'],
    ['a gateway that is not there', { SLUICE_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1: '],
  ])('says what is wrong with %s', async (_, env, message) => {
    const result = await sluice(DRILL, env).ended;
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain(message);
  });
});

describe('sluice health', () => {
  test('shows all targets of the routes and those that were called', async () => {
    await chat();
    const { code, out } = await sluice(['health']).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^TARGET +STATE +IN FLIGHT +ATTEMPTS +FAILED +EJECTIONS +FIRST CONTENT +TOKENS\/S$/m);
    expect(out).toMatch(/^sim\/simulated-chat\?output-tokens=40 +up +0 +[1-9]\d* +0 +0 +- +\d+\.\d$/m);
    expect(out).toMatch(/^sim\/simulated-chat\?output-tokens=41 +not called yet +0 +0 /m);
  });

  test('prints JSON where it is asked to, of the targets that are named', async () => {
    const { out } = await sluice(['health', 'sim/simulated-chat', '--json']).ended;
    expect(JSON.parse(out)).toMatchObject({ targets: [{ provider: 'sim', model: 'simulated-chat' }] });
  });
});
