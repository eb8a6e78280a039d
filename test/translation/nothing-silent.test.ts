import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { Warning } from '../../gen/sluice/v1/decision_pb.ts';
import { GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';
import { onTheWire, TARGETS, targetOf } from './codecs.ts';
import { FIELDS, type Field, HELLO } from './fields.ts';
import { PARTS } from './parts.ts';
import { reasonToBeSilent } from './silences.ts';

const titleOf = ({ path, as }: Field): string => (as === undefined ? path : `${path}, ${as}`);
const KINDS = /\.(?:text|image|audio|file|tool_call|tool_result|reasoning|refusal|raw)$/;

/** Whether a warning names a field: the field itself, a member of it, or what it is a member of. */
function names({ field }: Warning, path: string): boolean {
  if (path.startsWith(field) || field.startsWith(path)) return true;
  // What is said of a part's kind is said of all that stands beside it: a signature goes with its thoughts.
  return KINDS.test(field) && path.startsWith(field.replace(KINDS, '.'));
}

describe.each(TARGETS)('a request for $title', ({ codec, dialect, model }) => {
  const silent = [...FIELDS, ...PARTS].filter(({ path, init, trace }) => {
    const generation = create(GenerationSchema, { model: 'm', messages: [HELLO], ...init } as object);
    const { body, warnings } = codec.encodeRequest(generation, targetOf(model));
    return !trace.test(JSON.stringify(onTheWire(body))) && !warnings.some((warning) => names(warning, path));
  });

  it('holds each field that is set, or tells that it does not', () => {
    expect(silent.filter((field) => reasonToBeSilent(titleOf(field), dialect) === undefined).map(titleOf)).toEqual([]);
  });

  const known = silent.flatMap((field) => {
    const reason = reasonToBeSilent(titleOf(field), dialect);
    return reason === undefined ? [] : [{ field: titleOf(field), reason }];
  });
  if (known.length > 0) it.each(known)('says nothing of $field: $reason', ({ reason }) => expect(reason).not.toBe(''));
});
