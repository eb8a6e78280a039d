import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Code } from '@connectrpc/connect';
import { expect, it } from 'vitest';
import { refusal, startGateway, textEvents } from './gateway.ts';

const example = join(import.meta.dirname, '../../clients/ts/examples/chat.ts');

function runExample(baseUrl: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const env = { ...process.env, SLUICE_URL: baseUrl, SLUICE_API_KEY: 'k' };
  return new Promise((resolve) => {
    execFile(process.execPath, [example, 'm'], { env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

it('the example prints the answer, and its decision as JSON beside it', async () => {
  const chat = {
    async *streamChat() {
      yield* textEvents(['Hel', 'lo']);
    },
  };
  const { code, stdout, stderr } = await runExample(await startGateway({ chat }));
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello\n' });
  expect(JSON.parse(stderr)).toEqual({ requestId: 'req_1', cost: { nanoUsd: '9007199254740993' } });
});

it('the example fails with the reason on standard error', async () => {
  const chat = {
    // biome-ignore lint/correctness/useYield: it fails before its first event
    async *streamChat() {
      throw refusal('MODEL_NOT_FOUND', Code.NotFound);
    },
  };
  const { code, stdout, stderr } = await runExample(await startGateway({ chat }));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^MODEL_NOT_FOUND: /);
});
