import type { ModelCard } from '../catalogue/model-card.ts';
import type { Snapshot } from '../config/snapshot.ts';
import { findModel } from './find-model.ts';

/**
 * The card of a provider's model, where it is sure to be about what is called. Of providers at addresses of the operator's own
 * nothing is known, unless the operator wrote the model's card: what is behind them may be anything.
 */
export function knownCard(snapshot: Snapshot, providerName: string, model: string): ModelCard | undefined {
  const provider = snapshot.providers.get(providerName);
  const found = provider === undefined ? undefined : findModel(snapshot, provider, model);
  if (provider === undefined || found === undefined) return undefined;
  const sure = provider.preset?.ownAddress === true || (found.own && found.card.provider === provider.name);
  return sure ? found.card : undefined;
}
