import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Model, ModelSchema } from '../../gen/sluice/v1/model_service_pb.ts';
import { authenticate } from '../auth/authenticate.ts';
import { allowsModel } from '../auth/key-limits.ts';
import type { ModelCard } from '../catalogue/model-card.ts';
import type { Snapshot, SnapshotHolder } from '../config/snapshot.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { resolveRoute } from '../routing/resolve-route.ts';
import type { Route, Target } from '../routing/route.ts';
import type { Caller } from './admit.ts';
import { describeModel, describeShared, type ModelFactsInit } from './describe-model.ts';
import { findModel } from './find-model.ts';

export interface ListModelsDeps {
  readonly config: SnapshotHolder;
}

/** Every model that has a name here and that the key may use: routes first, then those that providers list. Throws UNAUTHENTICATED. */
export function listModels(deps: ListModelsDeps, caller: Caller): readonly Model[] {
  const snapshot = deps.config.current();
  const { limits } = authenticate(snapshot.keys, caller.keySha256);
  const routes = [...snapshot.routes].map(([name, route]) => routeModel(snapshot, name, route));
  const listed = [...snapshot.providers.values()].flatMap((provider) =>
    provider.models.map((name) =>
      providerModel(snapshot, `${provider.name}/${name}`, { provider: provider.name, model: name }),
    ),
  );
  return [...routes, ...listed].filter(({ id }) => allowsModel(limits, id));
}

/** One model by name, listed or not. Throws UNAUTHENTICATED, MODEL_NOT_FOUND. */
export function getModel(deps: ListModelsDeps, caller: Caller, id: string): Model {
  const snapshot = deps.config.current();
  const { limits } = authenticate(snapshot.keys, caller.keySha256);
  const route = allowsModel(limits, id) ? resolveRoute(snapshot, id) : undefined;
  const target = route?.targets[0];
  if (route === undefined || target === undefined) {
    throw new SluiceError('MODEL_NOT_FOUND', `The model '${id}' does not exist here.`, {
      metadata: { model: id },
      param: 'model',
    });
  }
  return route.name === '' ? providerModel(snapshot, id, target) : routeModel(snapshot, id, route);
}

/** A model of a provider's: all that is known of it. */
function providerModel(snapshot: Snapshot, id: string, target: Pick<Target, 'provider' | 'model'>): Model {
  const card = cardOf(snapshot, target);
  return model(snapshot, { id, ownedBy: target.provider, facts: card === undefined ? {} : describeModel(card) });
}

/** A route: what holds whichever of its targets answers. */
function routeModel(snapshot: Snapshot, id: string, { targets }: Route): Model {
  const facts = describeShared(targets.map((target) => cardOf(snapshot, target)));
  return model(snapshot, { id, ownedBy: 'sluice', facts });
}

function cardOf(snapshot: Snapshot, target: Pick<Target, 'provider' | 'model'>): ModelCard | undefined {
  const provider = snapshot.providers.get(target.provider);
  return provider === undefined ? undefined : findModel(snapshot, provider, target.model)?.card;
}

function model(
  { loadedAtMs }: Snapshot,
  { id, ownedBy, facts }: { readonly id: string; readonly ownedBy: string; readonly facts: ModelFactsInit },
): Model {
  return create(ModelSchema, { ...facts, id, ownedBy, createTime: timestampFromMs(loadedAtMs) });
}
