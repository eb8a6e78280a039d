import { create, toJson } from '@bufbuild/protobuf';
import { type Model, ModelSchema } from '../../gen/sluice/v1/model_service_pb.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';

/** What is known of a model besides its name, in ProtoJSON with the contract's own names; undefined where it is nothing. */
export function modelFactsJson(model: Model): JsonObject | undefined {
  const { id, ownedBy, createTime, $typeName, $unknown, ...facts } = model;
  const json: unknown = toJson(ModelSchema, create(ModelSchema, facts), { useProtoFieldName: true });
  return isJsonObject(json) && Object.keys(json).length > 0 ? json : undefined;
}
