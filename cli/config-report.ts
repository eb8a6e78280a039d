import { timestampDate } from '@bufbuild/protobuf/wkt';
import {
  type ConfigChange,
  type ConfigRevision,
  ConfigSourceSchema,
} from '../gen/sluice/admin/v1/config_revision_pb.ts';
import { enumWord } from './enum-word.ts';
import { formatTable, printable } from './table.ts';

/** Differences for people: a line or two each, with "-" before what was and "+" before what is. */
export function diffReport(changes: readonly ConfigChange[]): string {
  if (changes.length === 0) return 'No difference: both mean the same.\n';
  return changes
    .flatMap(({ path, oldJson, newJson }) => [
      ...(oldJson === undefined ? [] : [`- ${path}: ${oldJson}`]),
      ...(newJson === undefined ? [] : [`+ ${path}: ${newJson}`]),
    ])
    .map((line) => `${printable(line)}\n`)
    .join('');
}

/** The history as a table, the revision in force marked. */
export function revisionsReport(revisions: readonly ConfigRevision[]): string {
  const rows = revisions.map(({ revision, source, createTime, keyId, current }) => [
    current ? '*' : '',
    revision,
    enumWord(ConfigSourceSchema, source),
    createTime === undefined ? '-' : timestampDate(createTime).toISOString(),
    keyId === '' ? '-' : keyId,
  ]);
  return `${formatTable([['', 'REVISION', 'SOURCE', 'SINCE', 'KEY'], ...rows])}\n`;
}
