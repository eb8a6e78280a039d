import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chatDoorCodec } from '../../server/dialects/registry.ts';
import { REASON_TABLE } from '../../server/errors/reason-table.ts';
import { type ReasonName, SluiceError } from '../../server/errors/sluice-error.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const reasons = Object.keys(REASON_TABLE) as ReasonName[];

/** The row of a reason as the doors' own encoders tell it. */
function rowOf(reason: ReasonName): string {
  const { code, status, retryable } = REASON_TABLE[reason];
  const error = new SluiceError(reason, 'Why.');
  const { error: openai } = JSON.parse(chatDoorCodec('openai-chat').encodeError(error));
  const { error: anthropic } = JSON.parse(chatDoorCodec('anthropic-messages').encodeError(error));
  const { error: google } = JSON.parse(chatDoorCodec('gemini').encodeError(error));
  expect([openai.param, google.code]).toEqual([null, status]);
  const cells = [
    `\`${reason}\``,
    String(status),
    `${openai.type} / ${openai.code}`,
    anthropic.type,
    google.status,
    code,
    retryable ? 'yes' : 'no',
  ];
  return `| ${cells.join(' | ')} |`;
}

describe('docs/errors.md', () => {
  it.each(reasons)('tells %s as every door tells it', (reason) => {
    expect(page.split('\n')).toContain(rowOf(reason));
  });

  it('has no reason that there is not', () => {
    const told = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, reason]) => reason);
    expect(told.toSorted()).toEqual(reasons.toSorted());
  });
});
