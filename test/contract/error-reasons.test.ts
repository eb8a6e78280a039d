import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { AttemptReason } from '../../gen/sluice/v1/decision_pb.ts';
import { ErrorReason } from '../../gen/sluice/v1/error_pb.ts';
import { FAILURE_TABLE } from '../../server/errors/attempt-error.ts';
import { REASON_TABLE } from '../../server/errors/reason-table.ts';
import { ROOT } from './buf.ts';

const PROTO = readFileSync(path.join(ROOT, 'proto/sluice/v1/error.proto'), 'utf8');

/** Names of an enum's values. */
function namesOf(values: object): readonly string[] {
  return Object.keys(values).filter((name) => Number.isNaN(Number(name)));
}

/** What the comment of each reason says, by the reason's name: "code, status, type/code". */
function commentsOf(proto: string): ReadonlyMap<string, string> {
  const values = proto.matchAll(/((?:^ *\/\/.*\n)+) *ERROR_REASON_(\w+) = \d+;/gm);
  return new Map([...values].map(([, comment = '', name = '']) => [name, comment.replace(/\s*\/\/\s*/g, ' ').trim()]));
}

describe('the comments of ErrorReason say what the doors do', () => {
  const comments = commentsOf(PROTO);

  test('every reason has a comment and a row', () => {
    const reasons = namesOf(ErrorReason).filter((name) => name !== 'UNSPECIFIED');
    expect([...comments.keys()].sort()).toEqual([...reasons].sort());
    expect(Object.keys(REASON_TABLE).sort()).toEqual([...reasons].sort());
  });

  test.each(Object.entries(REASON_TABLE))('%s', (name, row) => {
    // The provider's own code goes before the row's, where the provider gave one.
    const restCode = name === 'UPSTREAM_REJECTED' ? "the provider's code" : row.restCode;
    const end = `${row.code}, ${row.status}, ${row.type}/${restCode}.`;
    expect(comments.get(name)?.slice(-end.length - 1)).toBe(` ${end}`);
  });
});

describe('every way in which an attempt can fail has a consequence', () => {
  test('the table of failures has a row for each reason of a failure, and no other', () => {
    const failures = namesOf(AttemptReason).filter((name) => name !== 'UNSPECIFIED' && name !== 'SUCCESS');
    expect(Object.keys(FAILURE_TABLE).sort()).toEqual([...failures].sort());
  });

  test('a failure that is tried again at the same target may also go to the next', () => {
    const stuck = Object.entries(FAILURE_TABLE).filter(([, row]) => row.retrySame && !row.tryNext);
    expect(stuck.map(([name]) => name)).toEqual([]);
  });
});
