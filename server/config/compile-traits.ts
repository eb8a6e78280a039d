import { DataCollection, type DataPolicy as DataPolicyMessage } from '../../gen/sluice/config/v1/routing_pb.ts';
import type { DataPolicy, TargetTraits } from '../routing/route.ts';

/** What a provider or a target says of where its models run. */
interface TraitFields {
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dataPolicy?: DataPolicyMessage | undefined;
}

/** Compiles the traits that are given; those of `above` stand where none are, and beside labels of other names. */
export function compileTraits(fields: TraitFields, above: TargetTraits = {}): TargetTraits {
  const region = fields.region === '' ? above.region : fields.region;
  const labels = new Map([...(above.labels ?? []), ...Object.entries(fields.labels)]);
  const dataPolicy = fields.dataPolicy === undefined ? above.dataPolicy : compileDataPolicy(fields.dataPolicy);
  return {
    ...(region !== undefined && { region }),
    ...(labels.size > 0 && { labels }),
    ...(dataPolicy !== undefined && { dataPolicy }),
  };
}

function compileDataPolicy({ collection, zeroDataRetention }: DataPolicyMessage): DataPolicy {
  const collects = collection === DataCollection.UNSPECIFIED ? undefined : collection === DataCollection.ALLOW;
  return Object.freeze({ collects, zeroDataRetention });
}
