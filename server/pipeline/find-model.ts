import type { FoundModel } from '../catalogue/catalogue.ts';
import type { ProviderSnapshot, Snapshot } from '../config/snapshot.ts';

/** What the catalogue knows of a provider's model; undefined where it knows nothing. */
export function findModel(
  snapshot: Pick<Snapshot, 'catalogue'>,
  provider: ProviderSnapshot,
  model: string,
): FoundModel | undefined {
  return snapshot.catalogue.find({ provider: provider.name, preset: provider.preset?.name }, model);
}
