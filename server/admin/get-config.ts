import { create } from '@bufbuild/protobuf';
import { type GetConfigResponse, GetConfigResponseSchema } from '../../gen/sluice/admin/v1/config_service_pb.ts';
import { configJson } from '../config/diff-config.ts';
import { type Asker, admitAdmin, type ConfigDeps } from './admit-admin.ts';
import { revisionMessage } from './revision-message.ts';

/** The configuration in force. Throws UNAUTHENTICATED, PERMISSION_DENIED. */
export function getConfig(deps: ConfigDeps, asker: Asker): GetConfigResponse {
  admitAdmin(deps, asker, 'GetConfig');
  const inForce = deps.keeper.inForce();
  return create(GetConfigResponseSchema, {
    revision: revisionMessage(inForce, true),
    yaml: inForce.text,
    effectiveJson: configJson(inForce.config),
  });
}
