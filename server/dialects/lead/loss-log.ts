import { create } from '@bufbuild/protobuf';
import { type Warning, WarningCode, WarningSchema } from '../../../gen/sluice/v1/decision_pb.ts';

/** Collects what a translation could not carry as it was. */
export interface LossLog {
  readonly warnings: readonly Warning[];
  /** field: its path in the canonical request, as in generation.top_k. */
  dropped(field: string, message: string): void;
  approximated(field: string, message: string): void;
}

export function createLossLog(): LossLog {
  const warnings: Warning[] = [];
  const add = (code: WarningCode) => (field: string, message: string) => {
    warnings.push(create(WarningSchema, { code, field, message }));
  };
  return { warnings, dropped: add(WarningCode.DROPPED), approximated: add(WarningCode.APPROXIMATED) };
}
