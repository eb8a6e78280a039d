import { create } from '@bufbuild/protobuf';
import { type Warning, WarningCode, WarningSchema } from '../../gen/sluice/v1/decision_pb.ts';
import { lifecycleOf } from '../catalogue/lifecycle.ts';
import type { ProviderSnapshot, Snapshot } from '../config/snapshot.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { findModel } from './find-model.ts';

/**
 * What is to be said before a model is asked for: that it will go. Throws MODEL_NOT_FOUND for one that its provider has
 * ended, with the successor's name. Nothing is said of providers at addresses of the operator's own, unless the operator
 * wrote the model's card: what is behind them is not known.
 */
export function checkLifecycle(
  snapshot: Pick<Snapshot, 'catalogue'>,
  target: { readonly provider: ProviderSnapshot; readonly model: string },
  nowMs: number,
): readonly Warning[] {
  const { provider, model } = target;
  const found = findModel(snapshot, provider, model);
  if (found === undefined) return [];
  const sure = provider.preset?.ownAddress === true || (found.own && found.card.provider === provider.name);
  if (!sure) return [];
  const lifecycle = lifecycleOf(found, snapshot.catalogue, nowMs);
  if (lifecycle.state === 'fine') return [];
  if (lifecycle.state === 'deprecated') {
    return [create(WarningSchema, { code: WarningCode.DEPRECATED, field: 'model', message: lifecycle.message })];
  }
  const { successor } = lifecycle;
  throw new SluiceError('MODEL_NOT_FOUND', lifecycle.message, {
    metadata: { model: `${provider.name}/${model}`, ...(successor !== undefined && { successor }) },
    param: 'model',
  });
}
