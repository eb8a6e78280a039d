import { create } from '@bufbuild/protobuf';
import { type Warning, WarningCode, WarningSchema } from '../../gen/sluice/v1/decision_pb.ts';

/** Collects what a wire format cannot carry while a request is encoded. Fields are paths of the canonical request. */
export interface Losses {
  readonly warnings: readonly Warning[];
  dropped(field: string, message: string): void;
  approximated(field: string, message: string): void;
  emulated(field: string, message: string): void;
  clamped(field: string, message: string): void;
}

export function createLosses(): Losses {
  const warnings: Warning[] = [];
  const add = (code: WarningCode, field: string, message: string): void => {
    warnings.push(create(WarningSchema, { code, field, message }));
  };
  return {
    warnings,
    dropped: (field, message) => add(WarningCode.DROPPED, field, message),
    approximated: (field, message) => add(WarningCode.APPROXIMATED, field, message),
    emulated: (field, message) => add(WarningCode.EMULATED, field, message),
    clamped: (field, message) => add(WarningCode.CLAMPED, field, message),
  };
}
