import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Model, ModelSchema } from '../../gen/sluice/v1/model_service_pb.ts';
import { authenticate } from '../auth/authenticate.ts';
import type { Snapshot, SnapshotHolder } from '../config/snapshot.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { resolveRoute } from '../routing/resolve-route.ts';
import type { Caller } from './admit.ts';

export interface ListModelsDeps {
  readonly config: SnapshotHolder;
}

/** Every model that has a name here: routes first, then those that providers list. Throws UNAUTHENTICATED. */
export function listModels(deps: ListModelsDeps, caller: Caller): readonly Model[] {
  const snapshot = deps.config.current();
  authenticate(snapshot.keys, caller.keySha256);
  const routes = [...snapshot.routes.keys()].map((name) => model(snapshot, name, 'sluice'));
  const listed = [...snapshot.providers.values()].flatMap((provider) =>
    provider.models.map((name) => model(snapshot, `${provider.name}/${name}`, provider.name)),
  );
  return [...routes, ...listed];
}

/** One model by name, listed or not. Throws UNAUTHENTICATED, MODEL_NOT_FOUND. */
export function getModel(deps: ListModelsDeps, caller: Caller, id: string): Model {
  const snapshot = deps.config.current();
  authenticate(snapshot.keys, caller.keySha256);
  const route = resolveRoute(snapshot, id);
  const target = route?.targets[0];
  if (route === undefined || target === undefined) {
    throw new SluiceError('MODEL_NOT_FOUND', `The model '${id}' does not exist here.`, {
      metadata: { model: id },
      param: 'model',
    });
  }
  return model(snapshot, id, route.name === '' ? target.provider : 'sluice');
}

function model(snapshot: Snapshot, id: string, ownedBy: string): Model {
  return create(ModelSchema, { id, ownedBy, createTime: timestampFromMs(snapshot.loadedAtMs) });
}
